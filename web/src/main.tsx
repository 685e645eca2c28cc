import "./app.css";
import { render } from "preact";

render(<h1>Linnet</h1>, document.getElementById("app")!);
