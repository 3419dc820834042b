var s=/\/static\/js\/[^/]+\.js$/;async function o(){let e=[...document.scripts].find(t=>t.src&&s.test(new URL(t.src).pathname)),
n=e?new URL("../../app/static/",e.src):new URL("app/static/",document.baseURI),a=await import(new URL("view.js?VERSION",
n).href);return await a.ready,a}function i(e){window.playgroundView??=o(),window.playgroundView.then(n=>n.segment(e),()=>{
window.playgroundView=void 0;let{items:n=[]}=JSON.parse(new TextDecoder().decode(e.data));for(let t of e.parentElement.querySelectorAll(
".pg-plain"))t.remove();let a=({text:t=""})=>Object.assign(document.createElement("p"),{className:"pg-plain",textContent:t});
e.parentElement.append(...n.map(a))})}export{i as default};
