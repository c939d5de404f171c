// Builds src/tinhso/static/tinhso: hashed names, a manifest, and each file also as .br and .gz.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import postcss from "postcss";
import is from "@csstools/postcss-is-pseudo-class";
import logical from "postcss-logical";
import subset from "subset-font";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../src/tinhso");
const out = join(source, "static/tinhso");
const scratch = join(here, ".build");
const LAYERS = ["tokens", "base", "layout", "parts", "print"]; // as css/site.css names them
const OLDEST = ["chrome87", "firefox78", "safari12"];

const ALPHABET = {
  latin: [[0x20, 0x7e], [0xa0, 0xff], [0x2013, 0x2014], [0x2018, 0x201d], [0x2022], [0x2026], [0x2190, 0x2193], [0x2212]],
  vietnamese: [[0x102, 0x103], [0x110, 0x111], [0x128, 0x129], [0x168, 0x169], [0x1a0, 0x1a1], [0x1af, 0x1b0], [0x300, 0x301], [0x303], [0x309], [0x323], [0x1ea0, 0x1ef9], [0x20ab]],
};

const letters = (ranges) =>
  ranges.map(([first, last = first]) => Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("")).join("");

/** The letters we need of the two weights, and tabular digits. */
async function fonts() {
  for (const weight of [400, 600]) {
    for (const [name, ranges] of Object.entries(ALPHABET)) {
      const font = await readFile(join(here, `node_modules/@fontsource/be-vietnam-pro/files/be-vietnam-pro-${name}-${weight}-normal.woff2`));
      await writeFile(join(scratch, `be-vietnam-${name}-${weight}.woff2`), await subset(font, letters(ranges), { targetFormat: "woff2", noHinting: true, noLayoutClosure: true }));
    }
    const inter = await readFile(join(here, `node_modules/@fontsource/inter/files/inter-latin-${weight}-normal.woff2`));
    await writeFile(join(scratch, `digits-${weight}.woff2`), await subset(inter, "0123456789+,-./:%\u2212", { targetFormat: "woff2", noHinting: true }));
  }
}

/** Names of icons that templates, Python and shipped data mention as icon="…", icon: "…" or {% icon "…" %}. */
async function iconNames() {
  const names = new Set();
  for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(html|py|json|svg)$/.test(entry.name) || entry.parentPath.startsWith(join(source, "static"))) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    for (const [, name] of text.matchAll(/icon\w*["']?\s*(?:[=:(,]\s*|\s)["']([a-z][a-z0-9-]+)["']/g)) names.add(name);
    for (const [, name] of text.matchAll(/#\s*icon:\s*([a-z][a-z0-9-]+)/g)) names.add(name);
  }
  return [...names].sort();
}

/** One SVG with the icons in use. */
async function sprite() {
  const symbols = [];
  for (const name of await iconNames()) {
    const svg = await readFile(join(here, `node_modules/lucide-static/icons/${name}.svg`), "utf8").catch(() => null);
    if (!svg) continue; // some other word after "icon"
    const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace("</svg>", "").replace(/\s*\n\s*/g, "").replaceAll(" />", "/>");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor">${body}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg"><!-- Lucide, ISC licence -->${symbols.join("")}</svg>`;
}

/**
 * Layers as specificity, for browsers that skip what stands in `@layer`: what stands in the third weighs two ids more,
 * what stands in none five. The same in every file, so that their order holds across files too.
 */
const withoutLayers = {
  postcssPlugin: "without-layers",
  Once(root) {
    root.walkRules((rule) => {
      let above = rule.parent;
      while (above.type !== "root" && above.name !== "layer" && !above.name.endsWith("keyframes")) above = above.parent;
      if (above.name?.endsWith("keyframes")) return;
      const layer = above.name === "layer" ? LAYERS.indexOf(above.params) : LAYERS.length;
      if (layer < 0) throw rule.error(`${above.params} is none of the layers ${LAYERS}`);
      rule.selectors = rule.selectors.map((one) => one.replace(/^(\*|[a-z][\w-]*)?/, `$1${":not(#\\#)".repeat(layer)}`));
    });
    root.walkAtRules("layer", (layer) => (layer.nodes ? layer.replaceWith(layer.nodes) : layer.remove()));
  },
};

/** A browser that does not know one selector drops its whole rule: those with `:has` stand apart. */
const apart = {
  postcssPlugin: "apart",
  Once(root) {
    root.walkRules((rule) => {
      const old = rule.selectors.filter((one) => !one.includes(":has("));
      if (old.length === 0 || old.length === rule.selectors.length) return;
      rule.cloneBefore({ selectors: old });
      rule.selectors = rule.selectors.filter((one) => one.includes(":has("));
    });
  },
};

/** The styles as a phone of 2014 reads them. Both Vietnamese and English run from left to right. */
async function forOldPhones(path) {
  const { css, messages } = await postcss([apart, withoutLayers, is(), logical()]).process(await readFile(path), { from: path });
  if (messages.length) throw new Error(messages.join("\n"));
  return (await transform(css, { loader: "css", minify: true, target: OLDEST, charset: "utf8" })).code;
}

async function main() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await mkdir(scratch, { recursive: true });
  await fonts();
  const manifest = {};

  const put = async (name, content) => {
    const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
    const hashed = name.replace(/(\.[^.]+)$/, `.${hash}$1`);
    await writeFile(join(out, hashed), content);
    manifest[`tinhso/${name}`] = `tinhso/${hashed}`;
  };
  await put("icons.svg", await sprite());
  for (const file of await readdir(join(here, "img"))) await put(file, await readFile(join(here, "img", file)));

  const result = await build({
    absWorkingDir: here,
    entryPoints: ["css/site.css", "css/dark.css", "css/desk.css", "css/draw.css", "islands/page.ts", "islands/passkey.ts", "islands/htmx.ts", "islands/desk.ts", "islands/wall.ts", "islands/draw.ts", "islands/push.ts"],
    bundle: true, minify: true, format: "esm", target: OLDEST, supported: { destructuring: true }, charset: "utf8", legalComments: "none",
    outdir: out, entryNames: "[name].[hash]", assetNames: "[name].[hash]", loader: { ".woff2": "file" }, metafile: true, logLevel: "warning",
  });
  for (const [path, { entryPoint, inputs }] of Object.entries(result.metafile.outputs)) {
    const original = entryPoint ?? Object.keys(inputs)[0];
    const name = basename(original).replace(/\.ts$/, ".js");
    if (name.endsWith(".css")) {
      const css = await forOldPhones(join(here, path));
      await rm(join(here, path));
      await put(name, css);
    } else manifest[`tinhso/${name}`] = `tinhso/${basename(path)}`;
  }

  for (const file of await readdir(out)) {
    if (![".css", ".js", ".svg"].includes(extname(file))) continue;
    const content = await readFile(join(out, file));
    await writeFile(join(out, `${file}.br`), brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    await writeFile(join(out, `${file}.gz`), gzipSync(content, { level: 9 }));
  }
  await writeFile(join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
}

await main();
