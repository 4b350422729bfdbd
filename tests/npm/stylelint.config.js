export default {
  extends: "stylelint-config-standard",
  rules: {
    // Safari wants the prefix of the one, and browsers from before 2024 that of the other.
    "property-no-vendor-prefix": [
      true,
      { ignoreProperties: ["-webkit-text-size-adjust", "-webkit-mask"] },
    ],
  },
};
