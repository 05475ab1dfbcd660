/* The gamma-gamma model of spend per purchase. */
#include "model_test.h"

#include "clv/quadrature.h"

/*
 * p, q, v, frequency, monetary; log-likelihood, derivatives, expected spend
 * (-1: infinite).  From the gamma functions of the definition with 60 digits.
 */
static const double grid[][10] = {
	{6.25, 3.74, 15.4, 2.0, 22.35, -3.5502133943417083, -0.049717369669525113, 0.21525162077731729, -0.027359163299263114, 24.64730971128609},
	{1e-08, 3.0, 10.0, 1.0, 5.0, -21.246513976697082, 1.000000004013877e+8, -0.40546510415882372, 0.099999999333333333, 7.4999999625000003e-8},
	{1e-06, 1e-06, 0.001, 3.0, 7.0, -16.049112731934622, 249999.99986208105, 749990.0476796002, 9.9980953287938663e-4, -1.0},
	{10000.0, 10000.0, 2.5, 100000.0, 2.5, 2.769927587600932, 4.9999500021666367e-10, 5.0000333338332367e-5, 0.0, 2.500000002499975},
	{10000.0, 10000.0, 2.5, 100000.0, 2.6, -4.860966079204341, 0.038461161746298668, -0.039170328208330535, 153.84467457043695, 2.599999002609973},
	{5.0, 100000000.0, 100000000.0, 40.0, 5.1, 0.061087483256397737, 0.89218662497581987, -3.9999909200183046e-8, 3.9999918400166322e-8, 5.0000002499995025},
	{2.0, 1.000000000001, 1e-12, 1.0, 1000000.0, -54.568895051337101, 0.50000000000039497, -39.946531673894072, 1.0000000000010001e+12, 999999.99999949996},
	{2.0, 0.999999999999, 1000000000000.0, 1.0, 1e-06, -68.384405609262925, -40.946531673893217, 1.50000000000125, -2.0e-12, 1.0000000000005e+12},
	{0.3, 0.2, 1.0, 2.0, 3.0, -3.3505227284757092, 0.84291993471958741, 2.3781211808307362, 0.085714285714285727, -1.0},
	{3.0, 2.0, 1e-300, 5.0, 10000000000.0, -1448.366845487775, 0.64583333333333333, -713.03008774735927, 1.9999999999999999e+300, 9.375e+9},
	{3.0, 2.0, 1e+300, 5.0, 1e-10, -10654.372623882518, -3560.313871245267, 2.3807289932289932, -1.4999999999999999e-299, 1.8750000000000001e+299},
	{0.0651978, 232.763, 40505.6, 1.0, 0.000185043, 5.0019673142950035, 2.0567716785531358, 2.8066239243433457e-4, -1.6095734012991558e-6, 11.391522018485002},
	{1.20803e-06, 9.32896e-06, 43464500.0, 2.0, 0.00136319, -6.5658072454769233, 657462.08951115574, 22050.615870491126, -5.5586973260092147e-14, -1.0},
	{0.00799072, 0.171756, 8084350.0, 5.0, 0.00227116, 1.8536955056609106, 0.80581045624568603, 1.1498993427823322, -4.9420917825946459e-9, -1.0},
	{0.000412361, 309.893, 3.52585e-08, 50.0, 0.00439023, -4846.3541913150064, 2738.9836585748131, -15.644142068541065, 8.7891699936437449e+9, 2.9302041380409233e-7},
	{1.78215e-06, 34737.4, 1.58583e-05, 1000.0, 10.3542, -705072.44140967263, 572149.84131969043, -20.296964999105616, 2.1904869971432526e+9, 5.3122190588387828e-7},
	{0.00618936, 62660.4, 6560.37, 100000.0, 102.584, -457417.91941339171, 462747.30809668745, -7.3456152257051686, 9.5451869281502903, 1.0040329618601728},
	{0.0785604, 0.000882797, 1275760.0, 1.0, 0.00107289, -1.847716182083409, -20.753702071598529, 1120.297786615502, -6.1579293858711496e-8, -1.0},
	{1.65142, 0.00175983, 9.38912e-05, 2.0, 3.44649, -7.5968196387366014, 0.0012153447381891343, 558.64358547097271, 18.263881371639398, 4.9394085416579689},
	{7.78313e-05, 3.23741, 1.87717e-08, 5.0, 0.000154212, -33.46536719701215, 12856.247104651149, -10.623054760236738, 1.7245807128137892e+8, 2.6818342043563198e-8},
	{2.5898e-05, 9.75774e-06, 6432890.0, 50.0, 12.7042, -14.098832598570267, -172.36023673135297, 101716.2645093532, -2.0127363991174049e-10, -1.0},
	{6.12847, 371.171, 9.46825e-07, 1000.0, 326182.0, -11011.967862372457, 58.806477334278543, -30.609007506369223, 3.9201647611753081e+8, 307602.25123068128},
	{0.00696668, 0.115544, 0.616247, 100000.0, 896.882, -10.316192384169558, 16.595076092472967, -3.193790688375018, 0.18748847849179941, 898.02209157909549},
	{48.2852, 0.000136125, 811847.0, 1.0, 1.91035, -635.31433551476275, -12.959780210911233, 7350.6328908511602, -5.947559870328979e-5, 829015.72069626099},
	{0.000323852, 3216.1, 4966620.0, 2.0, 38025.1, -66.757738351077092, 3096.7454890737811, -0.015196013683732643, 9.7656846029950951e-6, 0.50794018867702658},
	{0.00171687, 11289.2, 92396.1, 5.0, 503044.0, -37724.936839111341, 631.74860691878585, -3.3401061808893836, 0.11785332468397594, 0.39660304114275821},
	{35.3631, 99478.3, 0.403001, 50.0, 3107.71, -1270633.7547547964, 202.39481691301543, -12.844864983292073, 246843.15277710845, 54.273322455952847},
	{64.8446, 0.586929, 1.19631, 1000.0, 1.00953, -74.677014393845003, -1.1752638664337127, 5.9295848291378632, -63.666402711429121, 1.0107327485374753},
	{484.442, 0.0145826, 27395.0, 100000.0, 41.551, -318357.03043858624, -657.14627133616392, 81.795977913127718, -11.582607459950015, 41.824950850773352},
};

/* Maximum likelihood on the CDNOW sample, from 40 digits. */
static const double cdnow[3] = {6.248802489709097, 3.7445884532874691, 15.447748009463716};

static void
check_grid(void)
{
	for (size_t i = 0; i < lengthof(grid); i++)
	{
		const double *row = grid[i];
		Pattern		p = {.frequency = row[3], .monetary = row[4], .customers = 1};
		double		gradient[3];
		double		value = gamma_gamma_model.log_likelihood(row, &p, 1, gradient);
		double		spend = gamma_gamma_model.spend(row, row[3], row[4]);
		double		worst = 0;

		for (int k = 0; k < 3; k++)
			worst = Max(worst, off(gradient[k], row[6 + k], 0));
		ok(off(value, row[5], 1) < 1e-12 && worst < 1e-11 &&
		   value == gamma_gamma_model.log_likelihood(row, &p, 1, NULL),
		   "gamma-gamma grid row %zu: off by %.1e, %.1e", i, off(value, row[5], 1),
		   worst);
		ok(row[9] < 0 ? isinf(spend) : off(spend, row[9], 0) < 1e-11,
		   "gamma-gamma grid row %zu: spend", i);
	}
}

/* The density of the mean makes 1, and so it is one of m and not of ln m. */
static void
check_density(void)
{
	double		sum = 0;
	double		mean = 0;

	for (double y = -12; y < 14; y += 0.5)
		for (int i = 0; i < GAUSS_NODES; i++)
		{
			double		m = exp(y + 0.5 * gauss_node[i]);
			Pattern		p = {.frequency = 2, .monetary = m, .customers = 1};
			double		f = exp(gamma_gamma_model.log_likelihood(cdnow, &p, 1, NULL));

			sum += 0.5 * gauss_weight[i] * m * f;
			mean += 0.5 * gauss_weight[i] * m * m * f;
		}
	ok(off(sum, 1, 0) < 1e-12, "the density makes 1 (%.15f)", sum);
	ok(off(mean, gamma_gamma_model.spend(cdnow, 0, 0), 0) < 1e-9,
	   "its mean is that of a customer nothing is known of");
}

static void
check_spend(void)
{
	double		few[3] = {2, 0.9, 10};

	ok(off(gamma_gamma_model.spend(cdnow, 0, 0), 35.171002088240961, 0) < 1e-13,
	   "population mean of CDNOW");
	ok(isinf(gamma_gamma_model.spend(few, 0, 0)), "q below 1: no mean");
	ok(off(gamma_gamma_model.spend(few, 1, 7), 2 * 17 / 1.9, 0) < 1e-14,
	   "but that of a customer who bought");
}

static void
check_cdnow(void)
{
	FILE	   *file = public_data("data/cdnow_sample_cbs_week39.csv");
	Pattern	   *pattern = cv_alloc(3000 * sizeof(Pattern));
	size_t		count = 0;
	double		x;
	double		m;
	double		expected;
	double		parameter[3] = {6, 4, 15};
	double		value;
	double		worst = 0;
	int			rows = 0;

	if (file)
	{
		while (count < 3000 && fscanf(file, "%*d,%lf,%*f,%*f,%lf", &x, &m) == 2)
			if (x > 0 && m > 0)
				pattern[count++] = (Pattern) {.frequency = x, .monetary = m, .customers = 1};
		fclose(file);
		value = gamma_gamma_model.log_likelihood(cdnow, pattern, count, NULL);
		ok(count == 946 && fabs(value + 4055.9232435028642) < 1e-9,
		   "CDNOW: log-likelihood %.10f of %zu", value, count);
		climb(&gamma_gamma_model, pattern, count, parameter);
		for (int k = 0; k < 3; k++)
			worst = Max(worst, off(parameter[k], cdnow[k], 0));
		ok(worst < 1e-10, "CDNOW: parameters, off by %.1e", worst);
		check_starts(&gamma_gamma_model, pattern, count, cdnow);
	}
	file = public_data("reference/cdnow_sample_gg.csv");
	worst = 0;
	if (file)
	{
		while (fscanf(file, "%*d,%lf,%lf,%lf,%*f", &x, &m, &expected) == 3)
		{
			worst = Max(worst, off(gamma_gamma_model.spend(cdnow, x, m), expected, 0));
			rows++;
		}
		fclose(file);
		ok(rows == 2357 && worst < 1e-13, "CDNOW: spend of %d, off by %.1e", rows, worst);
	}
	cv_free(pattern);
}

int
main(void)
{
	check_grid();
	check_density();
	check_spend();
	check_cdnow();
	return done_testing("gamma_gamma");
}
