// The page's scripts: modules that a browser runs as they are.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: globals.browser },
    rules: {
      curly: "error",
      eqeqeq: "error",
      "no-implicit-coercion": ["error", { allow: ["+"] }],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "A stranger's text goes in as text: use textContent." },
        { property: "outerHTML", message: "A stranger's text goes in as text: use textContent." },
      ],
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
];
