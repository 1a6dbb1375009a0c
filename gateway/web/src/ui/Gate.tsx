/** The gate: a ring seen from the side, and the way that leads through it. */
export function Gate({ class: extra = "" }: { class?: string }) {
  return (
    <svg class={`gate ${extra}`} viewBox="0 0 64 64" aria-hidden="true" fill="none" stroke-linecap="round">
      <g transform="rotate(-18 32 32)">
        <path class="gate-way" d="M3 32h19" />
        <ellipse class="gate-ring" cx="32" cy="32" rx="13" ry="23" />
        <path class="gate-way" d="M40 32h21" />
      </g>
    </svg>
  );
}

export function Wordmark() {
  return (
    <span class="wordmark">
      <Gate />
      <span>Jumpgate</span>
    </span>
  );
}
