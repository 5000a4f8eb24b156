/**
 * A suspicion model by its name: what people choose between goes in, checked, and the model comes out, with no
 * history. All that a model needs to know beforehand is among its options; the rest is what it hears.
 */
import {
  CALIBRATED_MODEL_OPTIONS,
  CalibratedModel,
  type CalibratedModelOptions,
} from "./_calibrated_model.ts";
import {
  ExponentialModel,
  MEAN_MODEL_OPTIONS,
  type MeanModelOptions,
} from "./_exponential_model.ts";
import { FIXED_MODEL_OPTIONS, FixedModel, type FixedModelOptions } from "./_fixed_model.ts";
import { requireOptions } from "./_option_rules.ts";
import { SatzgerModel } from "./_satzger_model.ts";
import { WINDOW_MODEL_OPTIONS, WindowModel, type WindowModelOptions } from "./_window_model.ts";
import { NORMAL_CURVE } from "./normal_tail.ts";
import { AKKA_CURVE } from "./suspicion.ts";
import type { SuspicionModel } from "./suspicion_model.ts";

/** A model's name, and what it is built with. */
export type ModelOptions =
  | ({ readonly model: "akka" | "normal" } & WindowModelOptions)
  | ({ readonly model: "fixed" } & FixedModelOptions)
  | ({ readonly model: "calibrated" } & CalibratedModelOptions)
  | ({ readonly model: "exponential" | "satzger" } & MeanModelOptions);

/** @throws {RangeError} If an option is out of its range. */
export function createModel(options: ModelOptions): SuspicionModel {
  const doing = `create model ${options.model}`;
  switch (options.model) {
    case "akka":
    case "normal":
      requireOptions(doing, options, WINDOW_MODEL_OPTIONS);
      return new WindowModel(options.model === "akka" ? AKKA_CURVE : NORMAL_CURVE, options);
    case "fixed":
      requireOptions(doing, options, FIXED_MODEL_OPTIONS);
      return new FixedModel(options);
    case "calibrated":
      requireOptions(doing, options, CALIBRATED_MODEL_OPTIONS);
      return new CalibratedModel(options);
    case "exponential":
      requireOptions(doing, options, MEAN_MODEL_OPTIONS);
      return new ExponentialModel(options);
    case "satzger":
      requireOptions(doing, options, MEAN_MODEL_OPTIONS);
      return new SatzgerModel(options);
  }
}
