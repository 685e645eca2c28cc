// The same draft was written in another tab or browser too: what is kept, and how to have the other.
import { useElsewhere } from "../lib/draft.ts";
import { clockTime } from "../lib/format.ts";

// `name`: of the draft, null until it was read. `onShow` puts the other in the place of what stands here.
export function DraftElsewhere<T>({ name, onShow }: { name: string | null; onShow: (other: T) => void }) {
  const { found, dismiss } = useElsewhere(name);
  if (!found) return null;
  const show = () => {
    onShow(found.other as T);
    dismiss();
  };
  return (
    <p class="lag-note" role="status">
      {found.other === undefined
        ? "This was changed elsewhere too. What stands here is newer, and is kept. "
        : `This was changed elsewhere too, at ${clockTime(Date.parse(found.at))}. `}
      {found.other !== undefined && (
        <>
          <button type="button" class="link" onClick={show}>
            Show that
          </button>{" "}
        </>
      )}
      <button type="button" class="link" onClick={dismiss}>
        Keep this
      </button>
    </p>
  );
}
