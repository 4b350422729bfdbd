export default {
  root: true,
  extends: ["html-validate:recommended", "html-validate:prettier"],
  rules: {
    // The scripts fill the dialog and the rows of the list, and read the options when files are added.
    "empty-heading": "off",
    "text-content": "off",
    "wcag/h32": "off",
  },
};
