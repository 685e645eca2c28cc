// How every room begins: its title with the primary action, then a row of filters, then what it holds.
import type { ComponentChildren } from "preact";
import { Title } from "./basics.tsx";
import { BackIcon } from "./icons.tsx";

interface PageProps {
  name: string;
  title?: ComponentChildren; // where it is not its name as it is
  about?: ComponentChildren; // a word or two beside the title
  back?: { href: string; name: string };
  action?: ComponentChildren; // what is mostly done here
  filters?: ComponentChildren;
  width?: "text" | "wide" | "full"; // text: read line by line; wide: tables; full: as much as there is
  children: ComponentChildren;
}

export function Page({ name, title, about, back, action, filters, width = "text", children }: PageProps) {
  return (
    <div class={width === "full" ? "page" : `page column ${width}`}>
      <header class="page-head">
        {back && (
          <a class="back" href={back.href}>
            <BackIcon /> {back.name}
          </a>
        )}
        <div class="page-title">
          <Title name={name}>{title}</Title>
          {about}
          {action && <div class="page-actions">{action}</div>}
        </div>
        {filters && <div class="page-filters">{filters}</div>}
      </header>
      {children}
    </div>
  );
}
