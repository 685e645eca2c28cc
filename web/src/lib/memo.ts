import { Component, h, type ComponentType, type FunctionComponent } from "preact";

// The component, drawn anew only when one of its properties is another value.
export function memo<P extends object>(Inner: FunctionComponent<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = this.props as Record<string, unknown>;
      const then = next as Record<string, unknown>;
      return [...Object.keys(now), ...Object.keys(then)].some((name) => now[name] !== then[name]);
    }
    override render() {
      return h(Inner, this.props as P);
    }
  };
}
