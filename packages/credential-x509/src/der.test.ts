import { hexToBytes } from "@openmls-ts/traits";
import { describe, expect, it } from "vitest";
import { checkDer } from "./der.ts";

describe("DER (X.690)", () => {
  it.each([
    ["a boolean", "3003010100"],
    ["an integer of two octets whose first is needed", "300402020080"],
    ["a negative integer", "30030201ff"],
    ["a bit string of whole octets", "3004030200ff"],
    ["an empty sequence", "3000"],
  ])("takes %s", (_, hex) => {
    expect(() => checkDer(hexToBytes(hex))).not.toThrow();
  });

  it.each([
    ["a boolean that is neither 0 nor ff", "3003010101"],
    ["a boolean of two octets", "30040102ffff"],
    ["an integer with a leading zero", "300402020001"],
    ["a negative integer with a leading ff", "30040202ff80"],
    ["an integer without octets", "30020200"],
    ["a signature with unused bits", "3004030202fc"],
    ["unused bits that are set", "3004030202ff"],
    ["a bit string without its first octet", "30020300"],
    ["a length in a longer form", "308103010100"],
    ["an indefinite length", "30800000"],
    ["bytes behind it", "300000"],
    ["a value that is cut off", "30030101"],
  ])("refuses %s", (_, hex) => {
    expect(() => checkDer(hexToBytes(hex))).toThrow(RangeError);
  });
});
