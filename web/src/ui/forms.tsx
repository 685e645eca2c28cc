// What forms are made of: what is wrong with one field stands beside it, what is wrong with all beneath the form.
import { cloneElement, createContext, isValidElement, toChildArray, type ComponentChildren, type VNode } from "preact";
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { asApiError, type ApiError } from "../lib/api.ts";
import { Failure } from "./states.tsx";

// What the program said of a field of the form around.
const Problem = createContext<ApiError | null>(null);

interface FieldProps {
  label: ComponentChildren;
  name?: string; // as the API calls it: what it says of that stands here
  problem?: string; // what is found wrong here, before anything is sent
  hint?: ComponentChildren;
  focus?: boolean; // what is typed goes here as soon as it is there
  children: ComponentChildren; // the control first
}

export function Field({ label, name, problem, hint, focus, children }: FieldProps) {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focus) box.current?.querySelector<HTMLElement>("input, textarea, select")?.focus();
  }, []);
  const said = useContext(Problem);
  const words = problem || (said && name && said.field === name ? said.ofField : "");
  const [control, ...rest] = toChildArray(children);
  const about = [words && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const told =
    isValidElement(control) && about
      ? cloneElement(control as VNode<Record<string, unknown>>, { "aria-invalid": words ? "true" : undefined, "aria-describedby": about })
      : control;
  return (
    <div class="field-and-words" ref={box}>
      <label class="field">
        <span>{label}</span>
        {told}
        {rest}
      </label>
      {hint && (
        <p class="faint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {words && (
        <p class="bad-text" role="alert" id={`${id}-problem`}>
          {words}
        </p>
      )}
    </div>
  );
}

interface FormProps {
  label?: string;
  work: Work;
  onSubmit: () => void;
  fields?: readonly string[]; // the names that its fields have
  class?: string;
  children: ComponentChildren;
}

// A form is being written in from its first change until it has been sent: no key decides anything then.
export function Form({ label, work, onSubmit, fields = [], children, ...rest }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const beside = work.error?.field !== undefined && fields.includes(work.error.field) ? work.error : null;
  // At once: a focus that comes later would move the page under a hand that is about to click.
  useLayoutEffect(() => {
    if (beside) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [beside]);
  useEffect(() => {
    if (!work.busy && !work.error) form.current?.removeAttribute("data-editing");
  }, [work.busy]);
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form
      ref={form}
      class={`form ${rest.class ?? ""}`}
      aria-label={label}
      onSubmit={submit}
      onInput={() => form.current?.setAttribute("data-editing", "")} // drawing it anew now would set a box back that is being ticked
    >
      <Problem.Provider value={beside}>{children}</Problem.Provider>
      {!beside && work.trouble}
    </form>
  );
}

// The buttons at a form's end: what it does first, and beside it whatever else.
export function FormButtons({
  does,
  busy,
  isPrimary,
  children,
}: {
  does: string;
  busy: boolean;
  isPrimary?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <div class="row">
      <button type="submit" class={isPrimary ? "button primary" : "button"} disabled={busy}>
        {does}
      </button>
      {children}
    </div>
  );
}

// Asks before what cannot be taken back. `dialog` opens it.
export function Confirm(props: {
  dialog: { current: HTMLDialogElement | null };
  id: string;
  title: string;
  no: string;
  yes: string;
  busy: boolean;
  onYes: () => void;
  onClose?: () => void;
  children: ComponentChildren;
}) {
  const { dialog, id, title, no, yes, busy, onYes, onClose, children } = props;
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
      <div class="dialog-foot">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          {no}
        </button>
        <button type="button" class="button stop" disabled={busy} onClick={onYes}>
          {yes}
        </button>
      </div>
    </dialog>
  );
}

export interface Work {
  busy: boolean;
  error: ApiError | null;
  trouble: ComponentChildren;
  run: (work: () => Promise<void>) => Promise<void>;
}

// Runs one thing at a time, and keeps what went wrong.
export function useWork(): Work {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef(false); // at once: a second click may come before the button is drawn disabled
  const run = async (work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, error, run, trouble: error && <Failure error={error} /> };
}
