// Deskloop: tells your helpdesk's drafts which page somebody is on. <script async src=".../context.js" data-key="..."></script>
(function (w, d) {
  const me = d.currentScript
  const url = new URL('/v1/context', me.src).href
  const writeKey = me.dataset.key
  const queue = []
  let timer = 0
  let userId
  let path
  const id = function () { return w.crypto.randomUUID ? w.crypto.randomUUID() : 'm' + Date.now() + Math.random() }
  // One name per tab, forgotten with it: nothing is stored that outlives the visit
  let anonymousId
  try {
    anonymousId = w.sessionStorage.getItem('deskloop') || id()
    w.sessionStorage.setItem('deskloop', anonymousId)
  } catch (e) { anonymousId = id() }

  const send = function () {
    w.clearTimeout(timer)
    timer = 0
    while (queue.length) {
      const body = JSON.stringify({ writeKey, sentAt: new Date(), batch: queue.splice(0, 20) })
      // text/plain spares the browser a question beforehand; keepalive lets it outlive the page
      w.fetch(url, { method: 'POST', body, keepalive: body.length < 6e4, credentials: 'omit', headers: { 'content-type': 'text/plain' } })
        .then(function (r) { return r.json() })
        .then(function (r) {
          const bad = r.message || (r.rejected[0] && r.rejected[0].message)
          if (bad) w.console.warn('Deskloop: ' + bad)
        })
        .catch(function () { /* offline, or blocked: the product goes on without us */ })
    }
  }
  const add = function (type, more) {
    queue.push(Object.assign({ type, messageId: id(), anonymousId, userId, timestamp: new Date() }, more))
    timer = timer || w.setTimeout(send, 1000)
  }
  const api = w.deskloop = {
    identify: function (user, traits) {
      userId = String(user)
      add('identify', { traits })
    },
    page: function (name, properties) {
      path = w.location.pathname
      add('page', { name, properties: Object.assign({ path, title: d.title }, properties) })
    },
    track: function (event, properties) { add('track', { event, properties }) },
    error: function (code, properties) { add('track', { event: 'error', properties: Object.assign({ code }, properties) }) },
    flush: send
  }
  // Pages that change without loading are told too, when their path really changed
  const moved = function () { w.setTimeout(function () { if (w.location.pathname !== path) api.page() }, 50) }
  const push = w.history.pushState
  w.history.pushState = function () {
    push.apply(this, arguments)
    moved()
  }
  w.addEventListener('popstate', moved)
  w.addEventListener('pagehide', send)
  api.page()
})(window, document)
