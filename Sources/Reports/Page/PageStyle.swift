/// The stylesheet of the page around the charts.
enum PageStyle {
    static let css =
        """
        \(variables(.light))
        @media (prefers-color-scheme:dark){\(variables(.dark))}
        @media print{\(variables(.light))}
        *{box-sizing:border-box}
        html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 \(ChartStyle.fonts);overflow-wrap:anywhere}
        header,main,footer{max-width:1180px;margin:0 auto;padding:0 24px}
        header{padding-top:44px}
        h1{font-size:clamp(1.6rem,1.1rem + 2vw,2.3rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .35em;font-weight:680}
        h2{font-size:1.35rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 18px;font-weight:650}
        h3{font-size:1rem;line-height:1.35;margin:0 0 12px;font-weight:600}
        .lead{color:var(--muted);margin:0 0 26px;max-width:75ch}
        a{color:var(--accent);text-underline-offset:.18em}
        a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
        .skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px}
        nav{display:flex;flex-wrap:wrap;gap:6px 20px;border-top:1px solid var(--grid);border-bottom:1px solid var(--grid);padding:11px 0}
        nav a{text-decoration:none;font-size:.95rem}nav a:hover{text-decoration:underline}
        .cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(178px,1fr));gap:14px;margin:0 0 26px}
        .cards div{background:var(--panel);border-radius:10px;padding:14px 16px}
        .cards dt{color:var(--muted);font-size:.86rem}
        .cards dd{margin:0}.cards .value{font-size:1.55rem;font-weight:650;letter-spacing:-.01em;line-height:1.35;font-variant-numeric:tabular-nums}
        .cards .detail{color:var(--muted);font-size:.86rem;font-variant-numeric:tabular-nums}
        section{padding-top:44px}
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:22px}
        figure{margin:0;padding:18px 18px 14px;border:1px solid var(--grid);border-radius:12px;min-width:0;display:flex;flex-direction:column}
        svg.chart{display:block;width:100%;height:auto;max-width:640px;margin:0 auto}
        figcaption{color:var(--muted);font-size:.86rem;line-height:1.5;padding-top:10px;display:flex;gap:14px;align-items:flex-start}
        figcaption p{margin:0;flex:1}
        .file{font-size:.8rem;text-decoration:none;border:1px solid var(--grid);border-radius:6px;padding:1px 8px;flex:none}
        details{margin-top:10px;font-size:.9rem}summary{cursor:pointer;color:var(--muted)}details[open] summary{margin-bottom:8px}
        .scroll{overflow-x:auto;max-width:100%;margin-bottom:26px}figure .scroll{margin:0;max-height:420px;overflow-y:auto}
        table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
        caption{text-align:left;font-weight:600;padding:0 0 8px}
        th,td{padding:5px 22px 5px 0;text-align:right;border-bottom:1px solid var(--grid);vertical-align:top}
        tr>:first-child{text-align:left;max-width:46ch}tr>:nth-child(n+2){min-width:5.5em}
        thead th{color:var(--muted);font-weight:500;vertical-align:bottom}tbody th{font-weight:400}
        #figures td,#runs td{max-width:40ch}
        footer{padding-top:56px;padding-bottom:40px;color:var(--muted);font-size:.86rem}
        .tip{position:fixed;z-index:9;max-width:min(330px,90vw);pointer-events:none;background:var(--ink);color:var(--ground);font-size:.84rem;line-height:1.4;padding:6px 10px;border-radius:7px;box-shadow:0 4px 16px rgb(0 0 0/.28)}
        .tip[hidden]{display:none}
        @media (max-width:600px){header,main,footer{padding-left:14px;padding-right:14px}header{padding-top:26px}figure{padding:14px 10px 12px}section{padding-top:34px}.cards{grid-template-columns:1fr 1fr;gap:10px}.cards div{padding:11px 12px}.cards .value{font-size:1.3rem}}
        @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
        @media print{@page{margin:14mm}body{font-size:10.5pt}header,main,footer{max-width:none;padding:0}header{padding-top:0}nav,.skip,.file,details{display:none}.figures{display:block}figure{break-inside:avoid;margin-bottom:12px;border-color:#ccc}svg.chart{max-width:125mm}h2{break-after:avoid}section{padding-top:20px}.scroll{overflow:visible}tr{break-inside:avoid}table{font-size:8.5pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}

        """

    private static func variables(_ palette: Palette) -> String {
        ":root{--ground:\(palette.ground.css);--panel:\(palette.panel.css);--ink:\(palette.ink.css);--muted:\(palette.muted.css);"
            + "--grid:\(palette.grid.css);--accent:\(palette.accent.css)}"
    }
}
