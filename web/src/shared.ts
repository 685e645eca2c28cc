// What the frame has and nearly every room uses. The build lets each room import this file as well (build.mjs), so that all of
// it comes as one script with the frame, and not in a handful of crumbs with each room.
import "./lib/list.ts";
import "./ui/forms.tsx";
import "./ui/Layout.tsx";
import "./ui/Table.tsx";
