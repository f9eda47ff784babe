/**
 * The shapes that the modules share. Nothing here runs.
 *
 * @typedef {object} Drug  One medicine as somebody wrote it.
 * @property {string} text  The words that were typed, pasted or chosen.
 * @property {string|null} code  The code that was chosen where the words may mean several drugs.
 * @property {string} more  Dose and the like that stood beside the name.
 *
 * @typedef {Drug & {plan: "keep"|"stop"|"swap", instead: Drug|null}} Line  One line of the list.
 *
 * @typedef {{gene: string, result: string}} GeneRow
 * @typedef {{loinc: string, value: string, unit: string}} LabRow
 *
 * @typedef {object} Patient  Texts as typed; what is empty was not told.
 * @property {string} age_years
 * @property {string} sex
 * @property {boolean} pregnant
 * @property {boolean} lactating
 * @property {string} weight_kg
 * @property {string} height_cm
 * @property {string} egfr_ml_min
 * @property {string} child_pugh
 * @property {string} ancestry
 * @property {string} conditions
 * @property {string} allergies
 * @property {GeneRow[]} genes
 * @property {LabRow[]} labs
 *
 * @typedef {object} State  All that was entered.
 * @property {Line[]} taking
 * @property {Drug[]} adding
 * @property {Patient} patient
 * @property {string[]} unread  What a link held beside it and could not be read: a name, a value.
 *
 * @typedef {{curie: string, name: string, matched: string, score: number}} Candidate
 * @typedef {{message: string, candidates: Candidate[]}} Refusal  Why a value was left out.
 * @typedef {Map<string, Refusal>} Refusals  By the place and the value, as `placeOf` writes them.
 *
 * @typedef {{curie: string|null, name: string}} Thing
 * @typedef {object} Evidence
 * @property {string} source
 * @property {string} version
 * @property {string|null} severity
 * @property {string|null} severity_as_stated
 * @property {string} knowledge_level
 * @property {string|null} statement
 * @property {string|null} text
 * @property {string|null} condition
 * @property {string|null} recommendation
 * @property {string|null} reference
 * @property {string[]} publications
 * @property {string|null} url
 * @property {string} licence
 *
 * @typedef {{subject: string, predicate: string, object: string}} Step
 * @typedef {{factor: string, present: boolean|null, effect_on_severity: string|null,
 *   evidence: Evidence[]}} Modifier
 *
 * @typedef {object} Finding
 * @property {string} id
 * @property {string} kind
 * @property {string} change
 * @property {string|null} severity
 * @property {boolean} folded
 * @property {Thing[]} precipitants
 * @property {Thing[]} affected
 * @property {Thing[]} genes
 * @property {Thing[]} conditions
 * @property {Thing|null} effect
 * @property {{name: string, path: Step[]}|null} mechanism
 * @property {number|null} probability
 * @property {number|null} baseline_probability
 * @property {string|null} recommendation
 * @property {Modifier[]} modifiers
 * @property {Evidence[]} evidence
 * @property {{source: string, severity: string}[]} disagreement
 *
 * @typedef {{query: string, status: string, curie: string|null, name: string|null,
 *   candidates?: Candidate[], read_by_name?: boolean, doses?: Dose[]}} Reference
 * @typedef {{name: string, mg_a_day: number, up_to: boolean}} Dose  What is taken in a day.
 * @typedef {object} Alternative
 * @property {string} curie
 * @property {string} name
 * @property {Thing} instead_of
 * @property {string} kinship
 * @property {string|null} shared_class
 * @property {string|null} worst_severity
 * @property {number} findings
 * @property {boolean} little_known
 * @property {boolean} advised
 *
 * @typedef {{id: string, trained_on: string, unknown_drugs: string[], tells: boolean}} Model
 *
 * @typedef {object} Answer  The answer of `POST /v1/screen`.
 * @property {Reference[]} adding
 * @property {Reference[]} stopping
 * @property {{from: Reference, to: Reference}[]} replacing
 * @property {Reference[]} taking
 * @property {Finding[]} findings
 * @property {Alternative[]} alternatives
 * @property {{pairs: {drugs: string[], status: string}[], unresolved: string[],
 *   not_covered: string[], names: Record<string, string>}} coverage
 * @property {{id: string, sources: {source: string, version: string, licence: string}[]}} graph
 * @property {Model|null} model
 * @property {string[]} notes
 * @property {string} disclaimer
 *
 * @typedef {object} Shown  What the page knows of the answer to what is entered.
 * @property {"empty"|"asking"|"fresh"|"failed"} phase
 * @property {State} state  What is entered.
 * @property {Answer|null} answer  The last answer, be it to an earlier question.
 * @property {State|null} answered  What that answer was asked for.
 * @property {Refusals} refused
 * @property {string} reason  Why there is no answer, for `failed`; or no alternatives.
 * @property {number|null} retrySeconds  When the question is asked again by itself.
 * @property {string|null} graphBefore  The graph of the answer before, where it was another.
 * @property {"none"|"waiting"|"told"|"failed"} instead  Whether alternatives are asked for.
 *
 * @typedef {{start: number, end: number, text: string, status: string, curie: string|null,
 *   name: string|null, context: string, dose: string|null, route?: string|null}} Mention
 *
 * @typedef {object} Words
 * @property {{loinc: string, name: string, unit: string}[]} labs
 * @property {Record<string, string>} homepages
 * @property {Record<string, {title: string, place: string, url: string|null}>} references
 */
export {};
