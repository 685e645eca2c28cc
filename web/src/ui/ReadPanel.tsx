// A panel of what is read: it loads, it fails, it is empty with what to do about that, or it shows its content.
import type { ComponentChildren } from "preact";
import type { ApiError } from "../lib/api.ts";
import { Panel } from "./basics.tsx";
import { Empty, Failure, Loading } from "./states.tsx";

export function ReadPanel(props: {
  title: string;
  id: string;
  aside?: ComponentChildren;
  what: string; // that is loaded
  read: { loading: boolean; error?: ApiError; reload: () => void };
  isRead: boolean; // once, though it may have failed since
  isEmpty: boolean;
  empty: string;
  step?: { does: string; href: string }; // away from being empty
  children: ComponentChildren;
}) {
  const { title, id, aside, what, read, isRead, isEmpty, empty, step, children } = props;
  return (
    <Panel title={title} id={id} aside={aside}>
      {read.loading && <Loading what={what} rows={2} />}
      {read.error && isEmpty && <Failure error={read.error} onRetry={read.reload} />}
      {isRead && isEmpty && (
        <Empty title={empty}>
          {step && (
            <a class="button" href={step.href}>
              {step.does}
            </a>
          )}
        </Empty>
      )}
      {!isEmpty && children}
    </Panel>
  );
}
