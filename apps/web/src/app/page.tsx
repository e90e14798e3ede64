import { type ReactNode, useEffect } from "react";

/** A page's heading and content, named in the window's title too. */
export function Page({
  title,
  aside,
  fills = false,
  children,
}: {
  readonly title: string;
  /** Beside the heading. */
  readonly aside?: ReactNode;
  /** Whether it is as high as the window. */
  readonly fills?: boolean;
  readonly children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Pushfleet`;
  }, [title]);
  return (
    <div className="page" data-fills={fills}>
      <div className="page-head">
        <h1>{title}</h1>
        {aside}
      </div>
      {children}
    </div>
  );
}
