/** Bodies that are taken, one character a byte, with what a scrape then prints: the same as by prometheus/common 0.69. */
export const ACCEPTED: readonly (readonly [body: string, printed: string])[] = [
  // Lines.
  ["", ""],
  ["\n", ""],
  [" \t", ""],
  ["\n \t\n#\n# \n#m\n# a comment \xff\n#EOF\n", ""],
  ["m 1\n", "# TYPE m untyped\nm 1\n"],
  [" \tm \t1\n", "# TYPE m untyped\nm 1\n"],
  ["\n\nm 1\n\n", "# TYPE m untyped\nm 1\n"],
  ["m 1\n  ", "# TYPE m untyped\nm 1\n"],

  // Names.
  [":a:b_9 1\n", "# TYPE :a:b_9 untyped\n:a:b_9 1\n"],
  ["_ 1\n", "# TYPE _ untyped\n_ 1\n"],
  [
    "__proto__ 1\nconstructor 2\n",
    "# TYPE __proto__ untyped\n__proto__ 1\n# TYPE constructor untyped\nconstructor 2\n",
  ],
  ['{"m"} 1\n', "# TYPE m untyped\nm 1\n"],
  ["{m} 1\n", "# TYPE m untyped\nm 1\n"],
  ['{ "m" , a = "b" } 1\n', '# TYPE m untyped\nm{a="b"} 1\n'],
  ['{a="b","m"} 1\n', '# TYPE m untyped\nm{a="b"} 1\n'],
  ['"m" 1\n', "# TYPE m untyped\nm 1\n"],
  ['a"b"\t1\n', "# TYPE ab untyped\nab 1\n"],
  ['# HELP "m" x\n# TYPE "m" gauge\nm 1\n', "# HELP m x\n# TYPE m gauge\nm 1\n"],

  // Labels.
  ["m{} 1\n", "# TYPE m untyped\nm 1\n"],
  ["m { } 1\n", "# TYPE m untyped\nm 1\n"],
  ['m{a="b",} 1\n', '# TYPE m untyped\nm{a="b"} 1\n'],
  ['m\t{ a\t=\t"b" , c = "d" , } 1\n', '# TYPE m untyped\nm{a="b",c="d"} 1\n'],
  ['m{a="b"}1\n', '# TYPE m untyped\nm{a="b"} 1\n'],
  ['m{b="1",a="2"} 1\n', '# TYPE m untyped\nm{b="1",a="2"} 1\n'],
  ['m{a=""} 1\n', '# TYPE m untyped\nm{a=""} 1\n'],
  ['m{"a"="b"} 1\n', '# TYPE m untyped\nm{a="b"} 1\n'],
  ['m{__proto__="b",constructor="d"} 1\n', '# TYPE m untyped\nm{__proto__="b",constructor="d"} 1\n'],
  ['m{le="1",quantile="x"} 1\n', '# TYPE m untyped\nm{le="1",quantile="x"} 1\n'],
  ['m{a="\\\\\\"\\n"} 1\n', '# TYPE m untyped\nm{a="\\\\\\"\\n"} 1\n'],
  ['m{a="x\\\\",b="y"} 1\n', '# TYPE m untyped\nm{a="x\\\\",b="y"} 1\n'],
  ['m{a="{}=,# \\"",b="\t"} 1\n', '# TYPE m untyped\nm{a="{}=,# \\"",b="\t"} 1\n'],
  ['m{a="\xe8\x8a\xb1\xf0\x9f\x98\xb1"} 1\n', '# TYPE m untyped\nm{a="\xe8\x8a\xb1\xf0\x9f\x98\xb1"} 1\n'],
  ['m{a="\x00\r"} 1\n', '# TYPE m untyped\nm{a="\x00\r"} 1\n'],
  ['m{a="1"} 1\nm{a="1"} 2\n', '# TYPE m untyped\nm{a="1"} 1\nm{a="1"} 2\n'],

  // Values.
  ["m 0\nm -0\nm +1\nm -1.5\n", "# TYPE m untyped\nm 0\nm 0\nm 1\nm -1.5\n"],
  [
    "m .5\nm 5.\nm 5.e1\nm 1E3\nm 1e-3\nm 1e+3\n",
    "# TYPE m untyped\nm 0.5\nm 5\nm 50\nm 1000\nm 0.001\nm 1000\n",
  ],
  ["m 0000000000000000001\nm 00.5\n", "# TYPE m untyped\nm 1\nm 0.5\n"],
  [
    "m 123456789012345\nm 1234567890123456\n",
    "# TYPE m untyped\nm 1.23456789012345e+14\nm 1.234567890123456e+15\n",
  ],
  [
    "m 12345678901234567890\nm 9007199254740993\n",
    "# TYPE m untyped\nm 1.2345678901234567e+19\nm 9.007199254740992e+15\n",
  ],
  ["m 1e-500\nm 1e308\nm 5e-324\n", "# TYPE m untyped\nm 0\nm 1e+308\nm 5e-324\n"],
  [
    "m inf\nm +Inf\nm -INF\nm infinity\nm -Infinity\n",
    "# TYPE m untyped\nm +Inf\nm +Inf\nm -Inf\nm +Inf\nm -Inf\n",
  ],
  ["m nan\nm NaN\nm NAN\n", "# TYPE m untyped\nm NaN\nm NaN\nm NaN\n"],
  ["m+1\nm-1\nm.5\n", "# TYPE m untyped\nm 1\nm -1\nm 0.5\n"],

  // HELP and TYPE lines.
  ["# HELP m Some help.\n# TYPE m gauge\nm 1\n", "# HELP m Some help.\n# TYPE m gauge\nm 1\n"],
  ["# TYPE m gauge\nm 1\n# HELP m Some help.\n", "# HELP m Some help.\n# TYPE m gauge\nm 1\n"],
  ["#HELP m x\n#\t TYPE\tm  counter\nm 1\n", "# HELP m x\n# TYPE m counter\nm 1\n"],
  ["# HELP m  two  blanks \nm 1\n", "# HELP m two  blanks \n# TYPE m untyped\nm 1\n"],
  ['# HELP m a\\\\b\\nc\\"d"\nm 1\n', '# HELP m a\\\\b\\nc"d"\n# TYPE m untyped\nm 1\n'],
  ["# HELP m \xc3\xa9\r\nm 1\n", "# HELP m \xc3\xa9\r\n# TYPE m untyped\nm 1\n"],
  ["# HELP m\n# HELP m \n# HELP\n# HELP \n# TYPE\n# TYPE m\n# TYPE m\t\nm 1\n", "# TYPE m untyped\nm 1\n"],
  ["# TYPE m GAUGE\nm 1\n", "# TYPE m gauge\nm 1\n"],
  ["# TYPE m co\\unter\nm 1\n", "# TYPE m counter\nm 1\n"],
  ["# help m x\n# type m gauge\n# UNIT m bytes\nm 1\n", "# TYPE m untyped\nm 1\n"],
  ["# HELP m x\n# TYPE m gauge\n", ""],
  ["m 1\nn 1\nm 2\n", "# TYPE m untyped\nm 1\nm 2\n# TYPE n untyped\nn 1\n"],

  // Summaries.
  [
    '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.9"} 2\ns_sum 3\ns_count 4\n',
    '# TYPE s summary\ns{quantile="0.5"} 1\ns{quantile="0.9"} 2\ns_sum 3\ns_count 4\n',
  ],
  [
    '# TYPE s summary\ns_count{b="1",a="2"} 4\ns{a="2",quantile="1e-05",b="1"} NaN\ns_sum{a="2",b="1"} 3\n',
    '# TYPE s summary\ns{b="1",a="2",quantile="1e-05"} NaN\ns_sum{b="1",a="2"} 3\ns_count{b="1",a="2"} 4\n',
  ],
  [
    '# TYPE s summary\ns_sum{a="1"} 1\ns_sum{a="2"} 2\ns_count{a="1"} 3\n',
    '# TYPE s summary\ns_sum{a="1"} 1\ns_count{a="1"} 3\ns_sum{a="2"} 2\ns_count{a="2"} 0\n',
  ],
  ["# TYPE s summary\ns 1\n", "# TYPE s summary\ns_sum 0\ns_count 0\n"],
  ['# TYPE s summary\ns{quantile="NaN"} 1\n', "# TYPE s summary\ns_sum 0\ns_count 0\n"],
  [
    '# TYPE s summary\ns{quantile="0.1",quantile="0.2"} 1\n',
    '# TYPE s summary\ns{quantile="0.2"} 1\ns_sum 0\ns_count 0\n',
  ],
  ["# TYPE s summary\ns_count 4.9\n", "# TYPE s summary\ns_sum 0\ns_count 4\n"],
  ['# TYPE s summary\ns_bucket{le="1"} 1\n', '# TYPE s_bucket untyped\ns_bucket{le="1"} 1\n'],
  [
    "s_count 4\n# TYPE s summary\ns_sum 1\n",
    "# TYPE s summary\ns_sum 1\ns_count 0\n# TYPE s_count untyped\ns_count 4\n",
  ],
  [
    '# TYPE s summary\n{"s_count",a="b"} 4\n{quantile="0.5",s,a="b"} 1\n',
    '# TYPE s summary\ns{a="b",quantile="0.5"} 1\ns_sum{a="b"} 0\ns_count{a="b"} 4\n',
  ],

  // Histograms.
  [
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4.5\nh_count 3\n',
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4.5\nh_count 3\n',
  ],
  [
    '# TYPE h histogram\nh_bucket{le="1000000"} 1\nh_count 2000000\n',
    '# TYPE h histogram\nh_bucket{le="1e+06"} 1\nh_bucket{le="+Inf"} 2e+06\nh_sum 0\nh_count 2e+06\n',
  ],
  [
    '# TYPE h histogram\nh_bucket{a="b",le="1"} 1.5\nh_count{a="b"} 2\n',
    '# TYPE h histogram\nh_bucket{a="b",le="1"} 1.5\nh_bucket{a="b",le="+Inf"} 2\nh_sum{a="b"} 0\nh_count{a="b"} 2\n',
  ],
  [
    "# TYPE h histogram\nh_sum -1\nh_count NaN\n",
    '# TYPE h histogram\nh_bucket{le="+Inf"} NaN\nh_sum -1\nh_count NaN\n',
  ],
  ["# TYPE h histogram\nh_bucket -5\n", '# TYPE h histogram\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n'],
  [
    '# TYPE h histogram\nh{le="1"} 5\n',
    '# TYPE h histogram\nh_bucket{le="1"} 5\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n',
  ],
  [
    '# TYPE h gauge_histogram\nh_bucket{le="1"} 5\n',
    '# TYPE h histogram\nh_bucket{le="1"} 5\nh_bucket{le="+Inf"} 0\nh_sum 0\nh_count 0\n',
  ],
  ["# TYPE h gaugehistogram\nh_count 5\n", '# TYPE h histogram\nh_bucket{le="+Inf"} 5\nh_sum 0\nh_count 5\n'],
  [
    "# TYPE h histogram\n# HELP h_count x\nh_sum 5\n",
    '# HELP h x\n# TYPE h histogram\nh_bucket{le="+Inf"} 0\nh_sum 5\nh_count 0\n',
  ],
  ["# TYPE h_sum gauge\n# TYPE h histogram\nh_sum 5\n", "# TYPE h_sum gauge\nh_sum 5\n"],
  ["# TYPE h histogram\nh_count_sum 5\n", "# TYPE h_count_sum untyped\nh_count_sum 5\n"],
];

/** The same for bodies that prometheus/common refuses, deliberately. */
export const ACCEPTED_HERE_ONLY: readonly (readonly [body: string, printed: string])[] = [
  ["m 1 \n", "# TYPE m untyped\nm 1\n"],
  ["m 1\t \n", "# TYPE m untyped\nm 1\n"],
  ["# TYPE m gauge \t\nm 1\n", "# TYPE m gauge\nm 1\n"],
];

/** The same for bodies that need UTF-8 names. */
export const ACCEPTED_UTF8_NAMES: readonly (readonly [body: string, printed: string])[] = [
  ['{"my.metric"} 1\n', '# TYPE "my.metric" untyped\n{"my.metric"} 1\n'],
  ['{"my.metric","a.b"="c",d="e"} 1\n', '# TYPE "my.metric" untyped\n{"my.metric","a.b"="c",d="e"} 1\n'],
  ['"my metric" 1\n', '# TYPE "my metric" untyped\n{"my metric"} 1\n'],
  ['{"a\\"\\\\\\n\xc3\xa9"} 1\n', '# TYPE "a\\"\\\\\\n\xc3\xa9" untyped\n{"a\\"\\\\\\n\xc3\xa9"} 1\n'],
  [
    '# HELP "my.metric" x\n# TYPE "my.metric" gauge\n{"my.metric"} 1\n',
    '# HELP "my.metric" x\n# TYPE "my.metric" gauge\n{"my.metric"} 1\n',
  ],
  [
    '# TYPE "my.h" histogram\n{"my.h_bucket",le="1"} 1\n',
    '# TYPE "my.h" histogram\n{"my.h_bucket",le="1"} 1\n{"my.h_bucket",le="+Inf"} 0\n{"my.h_sum"} 0\n{"my.h_count"} 0\n',
  ],
  [
    '# TYPE "my.s" summary\n{"my.s",quantile="0.5"} 1\n',
    '# TYPE "my.s" summary\n{"my.s",quantile="0.5"} 1\n{"my.s_sum"} 0\n{"my.s_count"} 0\n',
  ],
];
