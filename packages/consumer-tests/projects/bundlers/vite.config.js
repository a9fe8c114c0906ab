export default {
  build: {
    target: "es2022",
    outDir: "out-vite",
    minify: true,
    rollupOptions: { input: "app.mjs", output: { entryFileNames: "app.mjs" } },
  },
};
