// A channel on a phone: the messages of `window.shown`, each {blocks, note?}, or {name, text} of a person.
import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";

const logo =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="4" fill="#1f3a5f"/>' +
      '<path d="M9 9h18v3H9zm0 6h11v2H9zm0 5h11v2H9zm0 5h11v2H9zm13-10h5v12h-5z" fill="#fff"/></svg>',
  );

const style = `
  body { margin: 0; background: #fff; }
  main { padding: 12px; }
  .person { font: 15px/1.46 sans-serif; background: #f3f3f3; border-radius: 8px; padding: 8px 12px; margin: 12px 0; }
  .note { color: #616061; font: 13px/1.4 sans-serif; padding: 2px 0 8px; border-bottom: 1px solid #ddd; margin: 8px 0 12px; }
`;

// The renderer takes `verbatim` for “no markup at all”, and #1 in a button for an unknown channel; Slack does neither.
const drawable = (blocks) =>
  JSON.parse(JSON.stringify(blocks), (key, value) =>
    key === "verbatim" ? undefined : key === "text" && /^#\d+$/.test(value) ? value.replace("#", "#\u2060") : value,
  );

function Shown() {
  return (
    <main>
      <style>{style}</style>
      {window.shown.map((each, at) => (
        <div key={at}>
          {each.name ? (
            <div className="person">
              <b>{each.name}</b>
              <br />
              {each.text}
            </div>
          ) : (
            <Message blocks={drawable(each.blocks)} name="Paperboy" logo={logo} time={new Date(2025, 9, 24, 9, 0)} theme="light" />
          )}
          {each.note && <div className="note">{each.note}</div>}
        </div>
      ))}
    </main>
  );
}

createRoot(document.getElementById("root")).render(<Shown />);
