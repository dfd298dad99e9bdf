// Answers questions by Cedar. Each line of the file is a case with policies, entities and requests; each line of the answer is what Cedar
// says of its requests: the decision, the policies that it rests on, and how many policies could not be evaluated.
// node cedar.mjs <cedar_wasm.js> <cases.jsonl>
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [wasm, cases] = process.argv.slice(2);
const cedar = createRequire(import.meta.url)(wasm);

function mustBe(answer) {
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
  return answer;
}

for await (const line of createInterface({ input: createReadStream(cases) })) {
  const { policies, entities, requests } = JSON.parse(line);
  mustBe(cedar.preparsePolicySet('case', { staticPolicies: policies }));
  const answers = requests.map(({ own, ...request }) => {
    const { response } = mustBe(
      cedar.statefulIsAuthorized({ ...request, preparsedPolicySetId: 'case', entities: [...entities, ...own] }));
    return { decision: response.decision, reason: response.diagnostics.reason, errors: response.diagnostics.errors.length };
  });
  process.stdout.write(JSON.stringify(answers) + '\n');
}
