import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const dist = fileURLToPath(new URL("dist", import.meta.url));
const placeholder = ".placeholder";

// The Go package embeds dist, so the folder must never be without a file, not
// even after a build that failed: everything goes but the placeholder.
function keepPlaceholder(): Plugin {
  return {
    name: "keep-placeholder",
    apply: "build",
    buildStart() {
      mkdirSync(dist, { recursive: true });
      const names = readdirSync(dist);
      for (const name of names) if (name !== placeholder) rmSync(join(dist, name), { recursive: true });
      if (!names.includes(placeholder)) {
        writeFileSync(join(dist, placeholder), "The page's bundle is made here by `make web`; it is not kept in the repository.\n");
      }
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [keepPlaceholder()],
  build: {
    target: "es2022",
    emptyOutDir: false,
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
