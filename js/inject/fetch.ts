/** Gives the bare name `fetch` in the bundle, which only the SDK uses, to `spaceFetch`. */

export { spaceFetch as __spaceFetch } from "../src/sdk/fetch.js";
