// The light build of hls.js has no typings of its own.
declare module "hls.js/light" {
  export { default } from "hls.js";
}
