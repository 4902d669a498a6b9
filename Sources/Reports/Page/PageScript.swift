/// The page's only script: what a mark tells appears at once beside the pointer, where browsers show a `<title>` late and
/// touch screens not at all. Without the script the titles are still there.
enum PageScript {
    static let text =
        """
        (function(){'use strict';
        var tip=document.createElement('div');tip.className='tip';tip.hidden=true;tip.setAttribute('aria-hidden','true');
        document.body.appendChild(tip);
        document.querySelectorAll('svg.chart title').forEach(function(title){
        var mark=title.parentNode;if(mark.tagName==='svg')return;
        mark.setAttribute('data-tip',title.textContent);title.remove();});
        function hide(){tip.hidden=true;}
        function show(event){
        var mark=event.target.closest?event.target.closest('[data-tip]'):null;
        if(!mark){hide();return;}
        tip.textContent=mark.getAttribute('data-tip');tip.hidden=false;
        var box=tip.getBoundingClientRect(),x=event.clientX+14,y=event.clientY-box.height-10;
        if(x+box.width>document.documentElement.clientWidth-8)x=Math.max(8,event.clientX-box.width-14);
        if(y<8)y=event.clientY+18;
        tip.style.left=x+'px';tip.style.top=y+'px';}
        document.addEventListener('pointermove',show);document.addEventListener('pointerdown',show);
        document.addEventListener('scroll',hide,{passive:true});document.addEventListener('pointerleave',hide);
        window.addEventListener('beforeprint',function(){hide();});
        })();
        """

    /// SHA-256 of `text`, base 64: the page lets no other script run.
    static let hash = "c1BtQ1ucwmxjwo+10nbp0rpHpDnfUle3757ur8HPyCg="

    /// Nothing is loaded from anywhere, whatever a class may be called.
    static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'"
}
