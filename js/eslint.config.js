import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["node_modules/", "*.js", "*.mjs", "dev/*.mjs"] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // Numbers read well in templates.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // The build binds the bare name to the SDK's own fetch; ours must say `globalThis.fetch`.
      "no-restricted-globals": ["error", "fetch"],
      "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }],
      eqeqeq: "error",
    },
  },
  {
    files: ["tests/**", "dev/**"],
    rules: { "no-restricted-properties": "off" },
  },
);
