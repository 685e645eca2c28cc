import { useLayoutEffect, useRef } from "preact/hooks";
import { helpOpen, kShortcuts } from "../lib/keyboard.ts";
import { shortcuts } from "../lib/prefs.ts";
import { useStore } from "../lib/store.ts";

export function Help() {
  const open = useStore(helpOpen);
  const single = useStore(shortcuts);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (open && !dialog.current!.open) {
      dialog.current!.showModal();
      dialog.current!.scrollTop = 0; // it begins at its title, though the focus is further down
    }
    if (!open && dialog.current!.open) dialog.current!.close();
  }, [open]);
  const shut = () => helpOpen.set(false);
  // The event comes late: somebody quick may have opened it again.
  const shutUnlessReopened = () => dialog.current?.open || shut();
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onCancel={shut} onClose={shutUnlessReopened}>
      {open && (
        <>
          <h2 id="help-title">Keyboard shortcuts</h2>
          <dl>
            {kShortcuts.map(({ keys, does }) => (
              <div key={does}>
                <dt>
                  {keys.map((key, i) => (
                    <span key={key}>
                      {i > 0 && <span class="then"> then </span>}
                      <kbd>{key}</kbd>
                    </span>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <label class="check">
            <input
              type="checkbox"
              checked={single === "on"}
              onChange={(event) => shortcuts.set((event.target as HTMLInputElement).checked ? "on" : "off")}
            />
            Single keys act as shortcuts
          </label>
          <div class="help-foot">
            <a href="/licences.txt">Licences</a>
            <a href="/api/docs">API</a>
            <button type="button" class="button" onClick={shut}>
              Close
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
