-- ¿Qué pesan las prioridades? Por conjunto, año y nivel: participantes, los que recibieron espacio y cuántos de cada cien.
SELECT
  s.conjunto,
  EXTRACT(YEAR FROM s.vigencia_desde) AS anio,
  r.nivel,
  COUNT(*) AS participantes,
  COUNTIF(r.recibio) AS con_espacio,
  ROUND(100 * COUNTIF(r.recibio) / COUNT(*), 1) AS por_ciento
FROM sorteos AS s
JOIN resultados AS r ON r.conjunto = s.conjunto AND r.sorteo = s.sorteo
WHERE s.estado IN ('publicado', 'finalizado') AND NOT s.ensayo AND NOT s.borrado AND NOT r.borrado
GROUP BY s.conjunto, anio, r.nivel
ORDER BY s.conjunto, anio, r.nivel
