// Opens the palette, which is loaded when it is first asked for.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { paletteOpen } from "../lib/keyboard.ts";
import { useStore } from "../lib/store.ts";

export function PaletteDoor() {
  const open = useStore(paletteOpen);
  const [Palette, setPalette] = useState<ComponentType | null>(null);
  useEffect(() => {
    if (open && !Palette)
      import("./Palette.tsx").then(
        (module) => setPalette(() => module.Palette),
        () => paletteOpen.set(false), // Linnet does not answer, which the frame tells
      );
  }, [open]);
  return open && Palette ? <Palette /> : null;
}
