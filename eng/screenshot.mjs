// Takes pictures of the running dashboard with a headless Chromium. Start it through eng/screenshot, which installs playwright-core.
//
//   eng/screenshot LOGIN_URL OUT_DIR STEP...
//
// LOGIN_URL is the link that the AppHost prints. The steps run in order:
//   size:1400x900      the window, before anything else
//   scheme:dark        or light
//   goto:/traces       a page of the dashboard
//   wait:TEXT          until the text is visible (30 s)
//   click:TEXT         the first button, link or row with that text, or a CSS selector: click:css=fluent-button[title="Start"]
//   key:Escape         a key press
//   hide:TEXT          the rows with that text, for what is about this machine only, such as paths
//   shot:NAME          OUT_DIR/NAME.png
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.env.SCREENSHOT_TOOLS, 'x.js'))('playwright-core');
const [login, out, ...steps] = process.argv.slice(2);
if (!login || !out || steps.length === 0) {
  console.error('usage: eng/screenshot LOGIN_URL OUT_DIR STEP...  (steps: size: scheme: goto: wait: click: key: shot:)');
  process.exit(2);
}

const base = new URL(login);
const options = { viewport: { width: 1400, height: 900 }, colorScheme: 'light' };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let page;

async function open() {
  if (!page) {
    page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(login);
  }
  return page;
}

// Blazor keeps redrawing after the page has loaded; a picture is taken when the document has been still for a while.
async function settle() {
  await page.evaluate(() => new Promise(done => {
    const limit = setTimeout(done, 5000);
    let quiet = setTimeout(finish, 700);
    const observer = new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(finish, 700); });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    function finish() { clearTimeout(limit); observer.disconnect(); done(); }
  }));
}

const visible = locator => locator.filter({ visible: true }).first();
const target = what => visible(what.startsWith('css=') ? page.locator(what.slice(4)) : page.getByText(what, { exact: true }));

const actions = {
  size: async value => {
    const [width, height] = value.split('x').map(Number);
    options.viewport = { width, height };
  },
  scheme: async value => { options.colorScheme = value; },
  goto: async path => { await (await open()).goto(new URL(path, base.origin).href); },
  wait: async text => { await open(); await visible(page.getByText(text)).waitFor(); },
  click: async what => { await open(); await target(what).click(); },
  key: async key => { await (await open()).keyboard.press(key); },
  hide: async text => { (await open()).addStyleTag({ content: '.hidden-for-picture { display: none !important; }' }); await page.getByRole('row').filter({ hasText: text }).last().evaluate(row => row.classList.add('hidden-for-picture')); },
  shot: async name => {
    await open();
    await settle();
    mkdirSync(out, { recursive: true });
    await page.screenshot({ path: join(out, `${name}.png`) });
    console.log(join(out, `${name}.png`));
  },
};

try {
  for (const step of steps) {
    const colon = step.indexOf(':');
    const action = actions[step.slice(0, colon)];
    if (!action) {
      throw new Error(`unknown step '${step}'`);
    }
    await action(step.slice(colon + 1));
  }
} catch (error) {
  console.error(error.message);
  if (page) {
    mkdirSync(out, { recursive: true });
    await page.screenshot({ path: join(out, 'failed.png') });
  }
  process.exitCode = 1;
} finally {
  await browser.close();
}
