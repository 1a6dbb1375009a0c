import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { say } from "../../state/toasts";

interface Detector {
  detect: (from: HTMLVideoElement) => Promise<{ rawValue: string }[]>;
}

declare global {
  interface Window {
    BarcodeDetector?: new (options: { formats: string[] }) => Detector;
  }
}

/** Browsers give the camera to HTTPS pages only, and not all read codes. */
export function canScan(): boolean {
  return window.BarcodeDetector !== undefined && window.isSecureContext && "mediaDevices" in navigator;
}

/** Reads a QR code with the camera. */
export function CodeScanner({ onCode }: { onCode: (text: string) => void }) {
  const [on, setOn] = useState(false);
  return (
    <div class="scanner">
      {on && (
        <Camera
          onCode={(text) => {
            setOn(false);
            onCode(text);
          }}
          onFailed={() => {
            setOn(false);
            say(t("pair.scan.failed"), "error");
          }}
        />
      )}
      <button type="button" class="button" onClick={() => setOn(!on)}>
        {t(on ? "pair.scan.stop" : "pair.scan")}
      </button>
    </div>
  );
}

function Camera({ onCode, onFailed }: { onCode: (text: string) => void; onFailed: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | undefined;
    const gone = new AbortController();
    const run = async (v: HTMLVideoElement, detector: Detector) => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      // It may have been closed while the browser asked.
      if (!gone.signal.aborted) {
        v.srcObject = stream;
        await v.play();
      }
      while (!gone.signal.aborted) {
        const found = await detector.detect(v);
        const text = found[0]?.rawValue;
        if (text) onCode(text);
        await new Promise((next) => setTimeout(next, 150));
      }
      stop();
    };
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    if (video.current && window.BarcodeDetector)
      run(video.current, new window.BarcodeDetector({ formats: ["qr_code"] })).catch(() => {
        if (!gone.signal.aborted) onFailed();
      });
    return () => {
      gone.abort();
      stop();
    };
  }, []);
  return <video ref={video} muted playsInline />;
}
