// Line icons, 20 by 20, drawn with the text's colour. They never carry meaning alone.
import type { ComponentChildren } from "preact";

function Icon({ children, filled }: { children: ComponentChildren; filled?: boolean }) {
  return (
    <svg class={filled ? "icon filled" : "icon"} viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const ListenIcon = () => (
  <Icon>
    <path d="M2.5 10.5h3l2.3-6 4 11.5 2.4-7 1 1.5h2.3" />
  </Icon>
);
export const HomeIcon = () => (
  <Icon>
    <path d="M3 9.5 10 3.5l7 6M5 8v8.5h3.8v-4.7h2.4v4.7H15V8" />
  </Icon>
);
export const LearnIcon = () => (
  <Icon>
    <path d="M3.5 3.5v13h13M7 13.5v-3M10.5 13.5V7M14 13.5V9" />
  </Icon>
);
export const ManageIcon = () => (
  <Icon>
    <path d="M3 6h6.5M13.5 6H17M3 14h3.5M10.5 14H17" />
    <circle cx="11.5" cy="6" r="2" />
    <circle cx="8.5" cy="14" r="2" />
  </Icon>
);
export const StopIcon = () => (
  <Icon>
    <path d="M7 3h6l4 4v6l-4 4H7l-4-4V7zM7.5 7.5h5v5h-5z" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="8.7" cy="8.7" r="5.2" />
    <path d="m12.7 12.7 4 4" />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M7 4.5v11M13 4.5v11" />
  </Icon>
);
export const PlayIcon = () => (
  <Icon>
    <path d="M6 4.2v11.6l9.5-5.8z" />
  </Icon>
);
export const ReplyIcon = () => (
  <Icon>
    <path d="M8 4.5 3.5 9 8 13.5M4 9h7.5a5 5 0 0 1 5 5v1.5" />
  </Icon>
);
export const BoostIcon = () => (
  <Icon>
    <path d="M4 11V8.5a2.5 2.5 0 0 1 2.5-2.5H16M13.5 3.5 16 6l-2.5 2.5M16 9v2.5a2.5 2.5 0 0 1-2.5 2.5H4M6.5 16.5 4 14l2.5-2.5" />
  </Icon>
);
export const StarIcon = () => (
  <Icon>
    <path d="m10 3 2.1 4.5 4.9.6-3.6 3.4.9 4.9L10 14l-4.3 2.4.9-4.9L3 8.1l4.9-.6z" />
  </Icon>
);
export const OutIcon = () => (
  <Icon>
    <path d="M11.5 4H16v4.5M16 4l-7 7M13.5 11.5V16H4V6.5h4.5" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="3.3" />
    <path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M16.5 11.8A6.8 6.8 0 0 1 8.2 3.5a6.8 6.8 0 1 0 8.3 8.3z" />
  </Icon>
);
export const AutoIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="6.5" />
    <path class="solid" d="M10 3.5a6.5 6.5 0 0 1 0 13z" />
  </Icon>
);
export const PictureIcon = () => (
  <Icon>
    <path d="M3.5 4.5h13v11h-13zM4 14l4-4.5 3 3 2-2 3 3" />
    <circle cx="12.8" cy="7.7" r="1" />
  </Icon>
);
export const KeysIcon = () => (
  <Icon>
    <path d="M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.7h7" />
  </Icon>
);
export const WriteIcon = () => (
  <Icon>
    <path d="M4 16l.8-3.6L13.6 3.6l2.8 2.8-8.8 8.8zM11.6 5.6l2.8 2.8" />
  </Icon>
);
export const PublishIcon = () => (
  <Icon>
    <path d="M17 3 2.8 8.6l5.4 2.6L17 3l-3.4 13.8-5.4-5.6v5l2.6-2.3" />
  </Icon>
);
export const InboxIcon = () => (
  <Icon>
    <path d="M2.8 4.8h14.4v10.4H2.8zM3 5.2l7 5.6 7-5.6" />
  </Icon>
);
export const MoreIcon = () => (
  <Icon>
    <path d="M3.5 5.5h13M3.5 10h13M3.5 14.5h13" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M11.5 4.5 6 10l5.5 5.5" />
  </Icon>
);

export const BirdIcon = () => (
  <svg class="bird" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
    <rect class="bird-ground" width="32" height="32" rx="9" />
    <path
      class="bird-body"
      d="M6 13.5 10.6 11a6.4 6.4 0 0 1 12 2.2c.3 2 1.8 4.3 4.4 6.3-2.6 0-4.1-.5-5.2-1.3A8.3 8.3 0 0 1 14 23.5l-1 3h-1.6l.9-3.3A7.7 7.7 0 0 1 9 15.6z"
    />
    <circle class="bird-ground" cx="14.3" cy="12.3" r="1.2" />
  </svg>
);
