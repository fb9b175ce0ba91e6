/* global SwaggerUIBundle */
// Where the API is for this page: below a stage's path, on a domain of its own, or on a port.
const base = new URL('../', document.currentScript.src);

async function show() {
  const response = await fetch(new URL('openapi.json', base));
  const api = await response.json();
  // A call that is tried out goes to where the page came from, whatever other names the API has.
  api.servers = [{ url: base.href.replace(/\/$/, '') }];
  // The viewer's OAuth dialog asks for a client secret, which nobody has here: a token is put in.
  delete api.components.securitySchemes.oauth;
  for (const operation of Object.values(api.paths).flatMap(Object.values))
    operation.security = operation.security.filter((scheme) => !('oauth' in scheme));
  SwaggerUIBundle({
    spec: api,
    dom_id: '#viewer',
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    displayRequestDuration: true,
    filter: true,
    // Models stand with the operations that use them.
    defaultModelsExpandDepth: -1,
    // No request to a validator of somebody else's.
    validatorUrl: null,
  });
}

show().catch(() => {
  document.querySelector('#viewer').textContent =
    'The reference could not be loaded: reload the page. 読み込めませんでした。再読み込みしてください。';
});
