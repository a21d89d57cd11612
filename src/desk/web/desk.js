// What the pages gain where scripts run: a file can be dropped, its size is looked at before it is sent, and a page that
// waits is drawn anew when something has happened. Without it every page works.

for (const form of document.querySelectorAll('form[data-largest]')) {
  const input = form.querySelector('input[type=file]');
  const area = form.querySelector('.drop');
  const problem = form.querySelector('[data-problem]');
  const button = form.querySelector('button');
  const isTooLarge = () => [...input.files].some((file) => file.size > Number(form.dataset.largest));
  const look = () => {
    problem.textContent = isTooLarge() ? form.dataset.tooLarge : '';
  };
  input.addEventListener('change', look);
  area.addEventListener('dragover', (event) => {
    event.preventDefault();
    area.classList.add('over');
  });
  area.addEventListener('dragleave', () => area.classList.remove('over'));
  area.addEventListener('drop', (event) => {
    event.preventDefault();
    area.classList.remove('over');
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    look();
  });
  form.addEventListener('submit', (event) => {
    if (isTooLarge()) {
      event.preventDefault();
      return;
    }
    button.disabled = true;
    button.textContent = form.dataset.sending;
  });
  // The page may come back from the browser's own store.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
}

for (const region of document.querySelectorAll('[data-events]')) {
  const source = new EventSource(region.dataset.events);
  const figures = region.querySelector('[data-figures]');
  source.addEventListener('message', (event) => {
    const now = JSON.parse(event.data);
    if (now.state !== region.dataset.state) {
      source.close();
      window.location.reload();
      return;
    }
    // Drawn by the desk, as the page itself was.
    if (figures !== null && now.figures !== null) figures.innerHTML = now.figures;
  });
}

for (const region of document.querySelectorAll('[data-again]')) {
  setTimeout(() => window.location.reload(), Number(region.dataset.again) * 1000);
}
