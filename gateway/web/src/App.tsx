import { session } from "./state/session";
import { Announcer } from "./ui/Announcer";
import { DialogHost } from "./ui/dialogs";
import { Toasts } from "./ui/Toasts";
import { Shell } from "./views/Shell";
import { Claim, SignIn, Waiting } from "./views/Start";

export function App() {
  return (
    <>
      <View />
      <DialogHost />
      <Toasts />
    </>
  );
}

function View() {
  switch (session.value.is) {
    case "asking":
      return null;
    case "unreachable":
      return <Waiting />;
    case "unclaimed":
      return <Claim />;
    case "out":
      return <SignIn />;
    case "in":
      return (
        <>
          <Shell />
          <Announcer />
        </>
      );
  }
}
