// A day in 24 small bars. Its words are the text beside it; the picture says only its shape.
export function Sparkline({ values, label }: { values: number[]; label?: string }) {
  const width = 96;
  const height = 24;
  const gap = 1;
  const most = Math.max(1, ...values);
  const bar = (width + gap) / Math.max(1, values.length);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label ?? describe(values)}
      focusable="false"
    >
      {values.map((value, i) => {
        const tall = value > 0 ? Math.max(2, (value / most) * height) : 1;
        return (
          <rect
            key={i}
            class={value > 0 ? "" : "none"}
            x={(i * bar).toFixed(2)}
            y={(height - tall).toFixed(2)}
            width={Math.max(1, bar - gap).toFixed(2)}
            height={tall.toFixed(2)}
            rx="1"
          />
        );
      })}
    </svg>
  );
}

function describe(values: number[]): string {
  const total = values.reduce((sum, value) => sum + value, 0);
  const most = Math.max(0, ...values);
  const hoursAgo = values.length - 1 - values.lastIndexOf(most);
  if (total === 0) return "No posts in the last 24 hours";
  return `${total} posts in 24 hours, most (${most}) ${hoursAgo === 0 ? "in the last hour" : `${hoursAgo} hours ago`}`;
}
