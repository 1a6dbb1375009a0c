import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const placeholder = fileURLToPath(new URL("dist/.placeholder", import.meta.url));

// The Go package embeds dist, so the folder must never be without a file:
// emptying it before a build takes the placeholder, this puts it back.
function keepPlaceholder(): Plugin {
  let text: string | undefined;
  return {
    name: "keep-placeholder",
    apply: "build",
    configResolved() {
      try {
        text = readFileSync(placeholder, "utf8");
      } catch {
        text = "The page's bundle is made here by `make web`; it is not kept in the repository.\n";
      }
    },
    closeBundle() {
      if (text !== undefined) writeFileSync(placeholder, text);
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [keepPlaceholder()],
  build: {
    target: "es2022",
    // No data: URLs, so that the page needs nothing of its CSP but 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      "/api": { target: process.env["JUMPGATE_URL"] ?? "http://127.0.0.1:8095", ws: true },
      "/media": process.env["JUMPGATE_URL"] ?? "http://127.0.0.1:8095",
    },
  },
});
