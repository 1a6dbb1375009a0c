import type { ComponentChildren } from "preact";

// Drawn here, on a 24 grid, with round strokes; the text beside or the label
// around an icon speaks for it.

const paths = {
  play: <path d="M8 5.2v13.6c0 .8.9 1.3 1.6.8l10-6.8c.6-.4.6-1.2 0-1.6l-10-6.8C8.9 4 8 4.4 8 5.2Z" fill="currentColor" stroke="none" />,
  pause: <path d="M8 5v14M16 5v14" stroke-width="4" />,
  next: <path d="M6 6.5v11l8.5-5.5ZM18 6v12" fill="currentColor" />,
  previous: <path d="M18 6.5v11L9.5 12ZM6 6v12" fill="currentColor" />,
  shuffle: <path d="M3 7h3c5 0 7 10 12 10h3m-3-3 3 3-3 3M3 17h3c1.6 0 2.9-1 4-2.4M14 9.4C15.1 8 16.4 7 18 7h3m-3-3 3 3-3 3" />,
  repeat: <path d="M4 11V9.5A3.5 3.5 0 0 1 7.5 6H20m-3-3 3 3-3 3M20 13v1.5a3.5 3.5 0 0 1-3.5 3.5H4m3 3-3-3 3-3" />,
  like: <path d="M12 20s-8-4.7-8-10.6A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.4C20 15.3 12 20 12 20Z" />,
  liked: <path d="M12 20s-8-4.7-8-10.6A4.4 4.4 0 0 1 12 7a4.4 4.4 0 0 1 8 2.4C20 15.3 12 20 12 20Z" fill="currentColor" />,
  dislike: <><circle cx="12" cy="12" r="8.5" /><path d="m6 6 12 12" /></>,
  queue: <path d="M4 6h16M4 12h10M4 18h7M17 13v7l5-3.5Z" />,
  library: <><rect x="4" y="4" width="7" height="7" rx="1.5" /><rect x="13" y="4" width="7" height="7" rx="1.5" /><rect x="4" y="13" width="7" height="7" rx="1.5" /><path d="M16.5 13.5v6m-3-3h6" /></>,
  speaker: <><rect x="6" y="3" width="12" height="18" rx="3" /><circle cx="12" cy="14" r="3.5" /><path d="M12 7h.01" stroke-width="2.5" /></>,
  tab: <><rect x="3" y="5" width="18" height="14" rx="2.5" /><path d="M3 9h18" /></>,
  cast: <path d="M4 9V7a2 2 0 0 1 2-2h13a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-4M3 13a6 6 0 0 1 6 6M3 17a2 2 0 0 1 2 2" />,
  gear: <><circle cx="12" cy="12" r="3.2" /><path d="M12 3v3m0 12v3M3 12h3m12 0h3M5.6 5.6l2.2 2.2m8.4 8.4 2.2 2.2m0-12.8-2.2 2.2m-8.4 8.4-2.2 2.2" /></>,
  search: <><circle cx="11" cy="11" r="6.5" /><path d="m16 16 4.5 4.5" /></>,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  back: <path d="m14.5 5-7 7 7 7" />,
  down: <path d="m6 9.5 6 6 6-6" />,
  up: <path d="m6 14.5 6-6 6 6" />,
  more: <path d="M5.5 12h.01M12 12h.01M18.5 12h.01" stroke-width="3" />,
  plus: <path d="M12 5v14M5 12h14" />,
  grip: <path d="M5 9h14M5 15h14" />,
  trash: <path d="M5 7h14M10 7V4.5h4V7m3.5 0-.8 12.5H7.3L6.5 7" />,
  pencil: <path d="m5 19 .8-4L15.5 5.3a2 2 0 0 1 3.2 3.2L9 18.2Z" />,
  volume: <path d="M4 10v4h3.5L12 18V6L7.5 10ZM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />,
  muted: <path d="M4 10v4h3.5L12 18V6L7.5 10ZM16 10l4.5 4.5m0-4.5L16 14.5" />,
  headphones: <path d="M4 17v-4a8 8 0 0 1 16 0v4M4 14.5h2.5v5H5a1 1 0 0 1-1-1Zm16 0h-2.5v5H19a1 1 0 0 0 1-1Z" />,
  microphone: <><rect x="9" y="3" width="6" height="11" rx="3" /><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" /></>,
  check: <path d="m5 12.5 4.5 4.5L19 7" />,
  target: <><circle cx="12" cy="12" r="7" /><circle cx="12" cy="12" r="1.8" fill="currentColor" /></>,
  album: <><circle cx="12" cy="12" r="8.5" /><circle cx="12" cy="12" r="2" /></>,
  person: <><circle cx="12" cy="8" r="4" /><path d="M4.5 20a7.5 7.5 0 0 1 15 0" /></>,
  flow: <path d="M3 9c3-4 6-4 9 0s6 4 9 0M3 16c3-4 6-4 9 0s6 4 9 0" />,
  save: <path d="M4 6h12M4 12h8M4 18h8M18 12v8m-4-4h8" />,
  eye: <><path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z" /><circle cx="12" cy="12" r="2.8" /></>,
  eyeOff: <path d="M4 4l16 16M9.5 5.9A8.6 8.6 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.7 3.4M6.2 7.7A16 16 0 0 0 2.5 12s3.5 6.5 9.5 6.5a8.7 8.7 0 0 0 4-.9M10 10.2a2.8 2.8 0 0 0 3.9 3.9" />,
  pin: <path d="M9 4h6l-.8 6.2L18 14H6l3.8-3.8ZM12 14v6" />,
  mix: <path d="M4 6h16M4 12h11M4 18h6M18 14v6m-3-3 3 3 3-3" />,
  keyboard: <><rect x="3" y="6" width="18" height="12" rx="2.5" /><path d="M7 10h.01M12 10h.01M17 10h.01M8 14h8" stroke-width="2" /></>,
} satisfies Record<string, ComponentChildren>;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {paths[name]}
    </svg>
  );
}
