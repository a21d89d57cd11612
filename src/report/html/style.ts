/** The page's own style. Nothing is fetched; fonts are those of the reader's machine. */
export const STYLE = `
:root{--ink:#1a1d21;--soft:#4b5563;--line:#c9ced6;--wash:#f4f6f8;--good:#0b6b3a;--warn:#8a4b00;--bad:#a3122a;--bar:#2f6fb3}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:#fff;color:var(--ink);font:16px/1.55 "Pretendard","Apple SD Gothic Neo","Malgun Gothic","Noto Sans KR","Noto Sans CJK KR",system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;word-break:keep-all;overflow-wrap:anywhere}
main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 1rem}
h2{font-size:1.15rem;line-height:1.4;margin:2.5rem 0 .75rem;padding-bottom:.3rem;border-bottom:2px solid var(--ink)}
h3{font-size:1rem;margin:1.25rem 0 .4rem}
p{margin:.5rem 0}
code,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK KR",monospace;font-size:.9em}
.soft{color:var(--soft)}
.nowrap{white-space:nowrap}
dl.facts{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem 1.25rem;margin:0}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;min-width:0}
.verdict{border:2px solid;border-left-width:.6rem;border-radius:.3rem;padding:.9rem 1.1rem;margin:1.5rem 0 1rem}
.verdict.good{color:var(--good)}.verdict.warn{color:var(--warn)}.verdict.bad{color:var(--bad)}
.verdict strong{display:block;font-size:1.15rem}
.verdict p{color:var(--ink);font-size:1.05rem;margin:.25rem 0 0}
.banner{background:var(--bad);color:#fff;font-weight:700;padding:.6rem .9rem;border-radius:.3rem;margin:.75rem 0}
.equation{font-size:1.1rem;font-variant-numeric:tabular-nums;background:var(--wash);border:1px solid var(--line);border-radius:.3rem;padding:.7rem .9rem;margin:.5rem 0 1rem}
.equation span{white-space:nowrap}
ul.lines{list-style:none;padding:0;margin:0}ul.lines b{font-weight:600;white-space:nowrap}
ul.work{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.5rem;padding:0;margin:.5rem 0}
table{width:100%;border-collapse:collapse;font-size:.95rem}
caption{text-align:left;color:var(--soft);padding:0 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line)}
thead th{border-bottom:1.5px solid var(--ink);font-weight:600;background:var(--wash)}
tbody th{font-weight:600}
tfoot th,tfoot td{border-top:1.5px solid var(--ink);border-bottom:0;font-weight:700}
.figure{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.word{white-space:nowrap}
small{display:block;font-size:.85rem;color:var(--soft);font-weight:400}
.ok{color:var(--good);font-weight:600;white-space:nowrap}.wrong{color:var(--bad);font-weight:700;white-space:nowrap}
.chart{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.25rem .5rem;margin:.75rem 0;font-size:.85rem;color:var(--soft);font-variant-numeric:tabular-nums}
.chart .axis{display:flex;flex-direction:column;justify-content:space-between;text-align:right}
.chart .plot{display:block;width:100%;height:11rem;border-left:1px solid var(--ink);border-bottom:1px solid var(--ink)}
.chart .times{grid-column:2;display:flex;justify-content:space-between;gap:1rem}
ul.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.3rem 1.25rem;padding:0;margin:.5rem 0;font-size:.9rem}
ul.legend svg{width:1.4rem;height:.9rem;vertical-align:-.1rem;margin-right:.4rem}
.answered{fill:var(--bar)}.troubled{fill:#111}.gap{fill:#d5d9df}
.grid{stroke:#dfe3e8;stroke-width:1}.limit{stroke:var(--bad);stroke-width:2;stroke-dasharray:7 4}
details{margin:.75rem 0}summary{cursor:pointer;padding:.3rem 0}
footer{margin-top:2.5rem;padding-top:.75rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}
@media screen and (max-width:40rem){
main{padding:1.25rem 1rem 3rem}
dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:.5rem}
table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.stack,table.stack tbody,table.stack tfoot,table.stack tr,table.stack th,table.stack td{display:block;width:100%;text-align:left}
table.stack tr{border-bottom:1px solid var(--line);padding:.6rem 0}
table.stack th,table.stack td{border:0;padding:.1rem 0;white-space:normal}
table.stack td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:.85rem;margin-right:.4rem}
table.stack td:empty,table.checks td small{display:none}
th,td{padding:.4rem .35rem}
}
@page{size:A4;margin:15mm 13mm}
@media print{
body{font-size:10pt;line-height:1.45;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:none;padding:0}
h1{font-size:16pt}h2{font-size:12.5pt;margin-top:1.4rem}
h1,h2,h3,caption{break-after:avoid}
thead{display:table-header-group}tfoot{display:table-row-group}
tr,.verdict,.equation,.chart,.keep{break-inside:avoid}
p{orphans:3;widows:3}
details:not([open]){display:none}
table.checks .figure{white-space:normal}
.chart .plot{height:45mm}
}
`;
