DROP TABLE waiting_opt_outs;
