// Drawn covers, one manner a genre.

const palettes: Record<string, [string, string, string]> = {
  ambient: ["#16323d", "#5fa8a3", "#f0d9b0"],
  folk: ["#e9c46a", "#6a8d4e", "#7a3b2e"],
  rock: ["#b23a2a", "#1f1a1c", "#f2e6d0"],
  jazz: ["#22304f", "#d99a3d", "#efe6d8"],
  electronic: ["#10184a", "#3d6fe0", "#9fe3ff"],
  bossa: ["#f2b17a", "#2f7f78", "#fff3e0"],
  techno: ["#0e0e12", "#d7ff3e", "#5a5a66"],
  classical: ["#ece4d6", "#8d7a63", "#3a332b"],
  soul: ["#5a1f49", "#e3824f", "#ffd9a0"],
};

export function cover(id: string, genre: string): string {
  const [bg, a, b] = palettes[genre] ?? ["#333", "#888", "#ddd"];
  const n = Number(id.replace(/\D/g, "")) + 1;
  const shapes: string[] = [];
  for (let i = 0; i < 6; i++) {
    const x = (n * 53 + i * 71) % 300;
    const y = (n * 37 + i * 97) % 300;
    const r = 26 + ((n * 17 + i * 29) % 90);
    const fill = i % 2 ? a : b;
    shapes.push(
      n % 3 === 0
        ? `<rect x="${x}" y="0" width="${r / 2}" height="300" fill="${fill}" opacity=".8"/>`
        : n % 3 === 1
          ? `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}" opacity=".75"/>`
          : `<path d="M0 ${y}C90 ${y - r} 200 ${y + r} 300 ${y}V300H0Z" fill="${fill}" opacity=".5"/>`,
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="640" viewBox="0 0 300 300"><rect width="300" height="300" fill="${bg}"/>${shapes.join("")}</svg>`;
}
