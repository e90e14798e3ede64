import { createContext, useContext } from "react";
import type { Api } from "./client.ts";

const ApiContext = createContext<Api | undefined>(undefined);

export const ApiProvider = ApiContext.Provider;

/** The API of the gateway that served the page. */
export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === undefined) throw new Error("useApi is called outside of an ApiProvider");
  return api;
}
