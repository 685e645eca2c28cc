import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/states.css";
import "./styles/frame.css";
import "./styles/post-history.css";
import "./styles/posts.css";
import "./styles/now.css";
import "./styles/charts.css";
import "./styles/search.css";
import "./styles/pages.css";
import "./styles/acting.css";

import { render } from "preact";
import { App } from "./App.tsx";
import { startJobs } from "./lib/jobs.ts";
import { startKeyboard } from "./lib/keyboard.ts";
import { startLive } from "./lib/live.ts";
import { startTheme } from "./lib/prefs.ts";
import { startRateHistory } from "./lib/rate.ts";
import { startRouter } from "./lib/router.ts";

startTheme();
startRouter();
startKeyboard();
startRateHistory();
startJobs();
startLive();
render(<App />, document.getElementById("app")!);
