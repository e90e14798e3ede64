import { type ReactNode, useEffect, useRef } from "react";

/** A page's heading and content. It is named in the window's title and, when one comes to it by a link, read out. */
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
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Pushfleet`;
  }, [title]);
  useEffect(() => {
    // After a reload the focus belongs to the browser; after a link it would be on what is no longer there.
    const cameByLink = document.activeElement !== null && document.activeElement !== document.body;
    if (cameByLink) heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  return (
    <div className="page" data-fills={fills}>
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside}
      </div>
      {children}
    </div>
  );
}
