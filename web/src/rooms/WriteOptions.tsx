// Who sees a post, in what language it is, what it quotes, when it goes out.
import { kFeatures, type Options } from "../lib/compose.ts";
import { languageName } from "../lib/format.ts";
import { kQuotePolicies, kVisibilities } from "../lib/words.ts";
import { Field } from "../ui/forms.tsx";

const kLanguages =
  "ar bg ca cs da de el en eo es et eu fa fi fr ga gl he hi hr hu id is it ja ko lt lv nb nl nn pl pt ro ru sk sl sr sv th tr uk vi zh".split(
    " ",
  );
const { direct: _, ...kVisibility } = kVisibilities;

interface Props {
  options: Options;
  platform: string;
  isThread: boolean;
  onChange: (options: Options) => void;
}

export function WriteOptions({ options, platform, isThread, onChange }: Props) {
  const can = kFeatures[platform] ?? kFeatures.mastodon!;
  const set = (name: keyof Options) => (event: { currentTarget: { value: string } }) =>
    onChange({ ...options, [name]: event.currentTarget.value });
  const choice = (name: "visibility" | "quotePolicy", choices: Readonly<Record<string, string>>) => (
    <select value={options[name]} onChange={set(name)}>
      <option value="">Default</option>
      {Object.entries(choices).map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
  return (
    <>
      <div class="fields">
        {can.warning && (
          <Field label="Content warning">
            <input value={options.warning} onInput={set("warning")} />
          </Field>
        )}
        <Field label="When (empty: now)">
          <input type="datetime-local" value={options.at} onInput={set("at")} />
        </Field>
        <Field label="Not after">
          <input type="datetime-local" value={options.expires} onInput={set("expires")} />
        </Field>
        {can.visibility && <Field label="Who sees it">{choice("visibility", kVisibility)}</Field>}
        <Field label="Language">
          <select value={options.language} onChange={set("language")}>
            <option value="">Default</option>
            {kLanguages.map((code) => (
              <option key={code} value={code}>
                {languageName(code)}
              </option>
            ))}
          </select>
        </Field>
        {can.quotePolicy && <Field label="Who may quote it">{choice("quotePolicy", kQuotePolicies)}</Field>}
        <Field label="Post to quote (its address)">
          <input placeholder="https://" value={options.quoted} onInput={set("quoted")} />
        </Field>
        {can.card && (
          <Field label="Link shown as a card">
            <input type="url" placeholder="https://" value={options.link} onInput={set("link")} />
          </Field>
        )}
      </div>
      {can.warning && (
        <label class="check">
          <input
            type="checkbox"
            checked={options.sensitive}
            onChange={(e) => onChange({ ...options, sensitive: e.currentTarget.checked })}
          />
          The pictures are sensitive
        </label>
      )}
      {can.scheduler && options.at !== "" && !isThread && (
        <label class="check">
          <input type="checkbox" checked={options.byServer} onChange={(e) => onChange({ ...options, byServer: e.currentTarget.checked })} />
          Hand it over now; the server itself publishes it at that time, also while Linnet is off
        </label>
      )}
    </>
  );
}
