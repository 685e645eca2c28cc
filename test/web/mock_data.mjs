// A small invented network, the same at each start: three servers, two days, edits, threads, trends, and posts by
// people who mean harm.

let seed = 20_260_801;
function random() {
  seed = (seed * 1_664_525 + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}
const pick = (list) => list[Math.floor(random() * list.length)];
const upTo = (most) => Math.floor(random() * (most + 1));

export const instances = [
  { id: 1, base_url: "https://meadow.example" },
  { id: 2, base_url: "https://harbour.example" },
  { id: 3, base_url: "https://colline.example" },
];

const kPeople = [
  ["Ada Finch", "ada", "en"],
  ["Bodil Sørensen", "bodil", "da"],
  ["Chloé Martin", "chloe", "fr"],
  ["דנה כהן", "dana", "he"],
  ["Emeka Obi", "emeka", "en"],
  ["藤井 美咲", "misaki", "ja"],
  ["Weather Bot", "weather", "en"],
  ["Jonas Krüger", "jonas", "de"],
  ["Lucía Pérez", "lucia", "es"],
  ["Tidewatch", "tides", "en"],
];
const kWords = {
  en: [
    "The first swallows are back over the weir this morning, three days earlier than last year.",
    "Does anybody know a quiet way from the station to the old harbour by bike? The main road is no fun.",
    "Finished the second volume. Better than the first, and shorter, which may be the same thing.",
    "Bread day. The starter survived the holiday, which is more than can be said of the basil.",
    "Slow trains, good books, bad coffee. I would not have it otherwise.",
    "The council published the new plan for the riverside. I love what they did with the meadows!",
    "My repaired radio hums in a minor key and I have decided to call it a feature.",
    "This is terrible news for the library. Two of four branches close in winter, and nobody was asked.",
  ],
  da: ["Så er der igen kaffe på kontoret, og verden er lidt bedre end i går."],
  fr: ["La lumière de novembre sur les collines vaut bien un réveil à six heures."],
  he: ["הגשם הראשון של השנה, והעיר מריחה כמו חדשה."],
  ja: ["朝の港は静かで、かもめだけが起きていました。今日もいい一日になりそうです。"],
  de: ["Der Zug hält auf freier Strecke, und plötzlich hat das ganze Abteil Zeit für ein Gespräch."],
  es: ["Hoy en el mercado: tomates que saben a tomate. No pido más."],
};
const kTags = [
  "birds",
  "cycling",
  "books",
  "bread",
  "trains",
  "photography",
  "riverside",
  "radio",
  "library",
  "weather",
  "harbour",
  "caturday",
];

export const people = kPeople.map(([display_name, username, language], i) => {
  const home = instances[i % 3];
  const host = new URL(home.base_url).host;
  return {
    language,
    instance: home,
    author: {
      id: String(900 + i),
      acct: `${username}@${host}`,
      username,
      display_name,
      url: `${home.base_url}/@${username}`,
      avatar_url: `${home.base_url}/avatars/${username}.png`,
      bot: username === "weather",
      domain: host,
      followers_count: 20 + i * 131,
    },
  };
});

export const iso = (ms) => new Date(ms).toISOString();
const escapeHtml = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
let nextId = 117_020_569_296_803_000n;

export function withScore(counts) {
  return { ...counts, engagement_score: 3 * counts.reblogs_count + 2 * counts.favourites_count + counts.replies_count };
}

export function makePost(at, change = {}) {
  const person = pick(people);
  const text = pick(kWords[person.language]);
  const hashtags = [...new Set(Array.from({ length: upTo(3) }, () => pick(kTags)))];
  const tagHtml = hashtags
    .map((tag) => `<a href="${person.instance.base_url}/tags/${tag}" class="mention hashtag" rel="tag">#<span>${tag}</span></a>`)
    .join(" ");
  nextId += 4097n;
  const link =
    random() < 0.15
      ? ' <a href="https://news.example/2026/a-long-address-of-an-article" rel="nofollow"><span class="invisible">https://</span><span class="ellipsis">news.example/2026/a-long-addr</span><span class="invisible">ess-of-an-article</span></a>'
      : "";
  const id = String(nextId);
  return {
    id,
    instance: person.instance.base_url,
    instance_id: person.instance.id,
    platform: "mastodon",
    url: `${person.author.url}/${id}`,
    uri: `${person.instance.base_url}/statuses/${id}`,
    created_at: iso(at),
    edited_at: null,
    deleted_at: null,
    author: person.author,
    content_html: `<p>${escapeHtml(text)}${link}</p>${tagHtml ? `<p>${tagHtml}</p>` : ""}`,
    content_text: `${text}${hashtags.length ? `\n\n${hashtags.map((t) => `#${t}`).join(" ")}` : ""}`,
    spoiler_text: "",
    sensitive: false,
    language: person.language,
    visibility: "public",
    in_reply_to_id: null,
    reblog_of_id: null,
    content_type: "text",
    ...withScore({ replies_count: upTo(4), reblogs_count: upTo(20), favourites_count: upTo(60) }),
    hashtags,
    mentions: [],
    media: [],
    versions_count: 1,
    sentiment: pick([null, { label: "neutral", score: 0.01 }, { label: "positive", score: 0.62 }, { label: "negative", score: -0.48 }]),
    first_seen_at: iso(at),
    last_seen_at: iso(at),
    ...change,
  };
}

// As if the server's own sanitiser had failed altogether: the app must stand alone.
const kHostile = [
  `<p>hostile-script <script>window.__harmed = "script"</script>after</p>`,
  `<p>hostile-img <img src=x onerror="window.__harmed='img'"></p><svg onload="window.__harmed='svg'"><script>window.__harmed='svg script'</script></svg>`,
  `<p>hostile-links <a id="js-link" href="javascript:window.__harmed='link'">press me</a> <a href="  jAvAsCrIpT:window.__harmed='link2'">me too</a> <a href="data:text/html,<script>1</script>">data</a></p>`,
  `<p style="position:fixed;inset:0;background:red" onclick="window.__harmed='click'" onmouseover="window.__harmed='over'">hostile-style <b onfocus="window.__harmed='focus'" tabindex=0 autofocus>bold</b></p><style>body{display:none}</style>`,
  `<iframe srcdoc="<script>parent.__harmed='frame'</script>"></iframe><form action="https://evil.example"><input name=q><button>go</button></form><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__harmed='mxss'&gt;">hostile-mutation`,
  `${"<blockquote>".repeat(10_000)}hostile-deep${"</blockquote>".repeat(10_000)}`,
  `<p>hostile-long ${"w".repeat(20_000)}</p>`,
  `<p>hostile-zalgo ${"Z\u0351\u0343\u0369".repeat(200)} \u202Ereversed\u202C</p><template><img src=x onerror="window.__harmed='template'"></template>`,
];

function hostilePosts(now) {
  return kHostile.map((content_html, i) =>
    makePost(now - 70_000 - i * 1000, {
      content_html,
      content_text: `hostile ${content_html.slice(0, 200)}`,
      hashtags: i === 6 ? ["x".repeat(10_000), '"><img src=x onerror=window.__harmed=1>'] : ["<b>bold</b>", "birds"],
      language: i === 7 ? "xx-nonsense-\u0000" : "en",
      spoiler_text: i === 1 ? `<img src=x onerror="window.__harmed='spoiler'">` : "",
      url: "javascript:window.__harmed='url'",
      media: [
        {
          id: "m1",
          type: "image",
          url: "javascript:window.__harmed='media'",
          preview_url: null,
          description: "<script>window.__harmed='alt'</script>",
        },
      ],
      author: {
        ...people[0].author,
        display_name: `<img src=x onerror="window.__harmed='name'"> \u202Emallory`,
        acct: `mallory"><script>window.__harmed=1</script>@evil.example`,
        avatar_url: "javascript:window.__harmed='avatar'",
        url: "javascript:window.__harmed='author'",
      },
    }),
  );
}

// A post whose counts grew, and that was edited twice.
function edited(now) {
  const first = "I love what the council did with the riverside meadows, wonderful work!";
  const second = "I like what the council did with the riverside meadows, good work on the whole.";
  const third = "I hate what the council did with the riverside meadows. Terrible work, now that the plan is out in full.";
  const created = now - 20 * 3_600_000;
  const version = (version_seq, text, from, to, sentiment, diff) => ({
    version_seq,
    valid_from: iso(from),
    valid_to: to ? iso(to) : null,
    edited_at: version_seq === 1 ? null : iso(from),
    content_html: `<p>${text}</p>`,
    content_text: text,
    spoiler_text: "",
    sentiment,
    ...(diff ? { diff } : {}),
  });
  const same = (text) => ({ op: "same", text });
  const add = (text) => ({ op: "add", text });
  const remove = (text) => ({ op: "remove", text });
  const versions = [
    version(1, first, created, created + 3_600_000, { label: "positive", score: 0.88 }),
    version(2, second, created + 3_600_000, created + 9_000_000, { label: "positive", score: 0.7 }, [
      same("I "),
      remove("love"),
      add("like"),
      same(" what the council did with the riverside meadows, "),
      remove("wonderful"),
      add("good"),
      same(" "),
      remove("work!"),
      add("work on the whole."),
    ]),
    version(3, third, created + 9_000_000, null, { label: "negative", score: -0.81 }, [
      same("I "),
      remove("like"),
      add("hate"),
      same(" what the council did with the riverside "),
      remove("meadows, good"),
      add("meadows. Terrible"),
      same(" work"),
      remove(" on the whole."),
      add(", now that the plan is out in full."),
    ]),
  ];
  const snapshots = Array.from({ length: 30 }, (_, i) => ({
    captured_at: iso(created + i * 2_300_000),
    ...withScore({
      replies_count: Math.floor(9 * (1 - Math.exp(-i / 9))),
      reblogs_count: Math.floor(44 * (1 - Math.exp(-i / 6))),
      favourites_count: Math.floor(130 * (1 - Math.exp(-i / 7))),
    }),
  }));
  const post = makePost(created, {
    content_html: versions[2].content_html,
    content_text: third,
    language: "en",
    author: people[0].author,
    edited_at: versions[2].valid_from,
    versions_count: 3,
    hashtags: ["riverside"],
    sentiment: versions[2].sentiment,
    ...snapshots[29],
    captured_at: undefined,
    media: [
      {
        id: "m9",
        type: "image",
        url: "https://meadow.example/m9.jpg",
        preview_url: "https://meadow.example/m9s.jpg",
        description: "The meadows by the river in fog",
      },
    ],
  });
  return { post, versions, snapshots };
}

export function makeNetwork(now) {
  const special = edited(now);
  const posts = Array.from({ length: 420 }, (_, i) => makePost(now - 90_000 - i * 400_000 - upTo(200_000)));
  posts[3].deleted_at = iso(now - 30_000);
  posts[5].spoiler_text = "About food";
  posts[8] = {
    ...posts[8],
    content_html: "",
    content_text: "",
    hashtags: [],
    reblog_of_id: special.post.id,
    instance_id: special.post.instance_id,
  };
  for (let i = 10; i < 60; i += 7) posts[i].versions_count = 2;
  const replies = Array.from({ length: 6 }, (_, i) =>
    makePost(now - (18 - i) * 3_600_000, {
      in_reply_to_id: special.post.id,
      instance_id: special.post.instance_id,
      instance: special.post.instance,
      depth: i < 3 ? 1 : i - 1,
    }),
  );
  const all = [...hostilePosts(now), ...posts, ...replies, special.post].sort((a, b) => b.created_at.localeCompare(a.created_at));
  return { posts: all, special, replies };
}

export function makeEvents(posts, now) {
  const errors = [
    "account.id is missing: a string was expected",
    "not JSON: unexpected end of input at byte 214",
    "favourites_count: a whole number was expected, -3 found",
  ];
  const events = [];
  for (let id = 1; id <= 600; id++) {
    const post = posts[(600 - id) % posts.length];
    const at = now - (600 - id) * 21_000;
    const broken = id % 83 === 5;
    const noJson = broken && (id - 5) % 166 === 0;
    events.push({
      id,
      instance: post.instance,
      received_at: iso(at),
      event_type: noJson ? null : id % 9 === 0 ? "status.update" : id % 31 === 0 ? "delete" : "update",
      status_id: noJson ? null : post.id,
      processed_at: broken ? null : iso(at + 40),
      error: broken ? errors[noJson ? 1 : id % 2 ? 0 : 2] : null,
      ...(noJson
        ? { payload_raw: '{"id":"1170205","content":"<script>window.__harmed=1</script>' }
        : {
            payload: {
              id: post.id,
              created_at: post.created_at,
              content: post.content_html.slice(0, 500),
              favourites_count: post.favourites_count,
              sensitive: false,
              account: { id: post.author.id, acct: post.author.acct },
            },
          }),
    });
  }
  return events.reverse();
}

export { kTags as tags };
